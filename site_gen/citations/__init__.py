"""How is a paper cited, in the form that each program reads?

`records` makes of a paper the one `Record` of which every form is a spelling, so that none can say something else;
`bibtex` (with `latex`), `ris`, `csl` and `line` spell it. All are pure, and a record spelt is text with one entry.
"""
