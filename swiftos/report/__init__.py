"""The report: one page in HTML and one in Markdown, made from stored records. It draws what is in
them; it neither measures nor changes a record."""
