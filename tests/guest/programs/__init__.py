"""Programs that exist to be tested: `/test/NAME` in the test image."""
