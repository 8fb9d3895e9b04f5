"""What tests share: guests of a few instructions, image mutations. Knows swiftos, no kernel."""
