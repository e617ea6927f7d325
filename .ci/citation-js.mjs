// Read citations with citation-js: a file on standard input, CSL-JSON on standard output.
// usage: node citation-js.mjs @bibtex/text|@ris/file|@else/json < FILE
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const require = createRequire(import.meta.url); // its modules for `import` lack the endings that Node asks for
const { Cite } = require("@citation-js/core");
require("@citation-js/plugin-bibtex");
require("@citation-js/plugin-ris");

// The format is told, as it is by a file's name: asked to guess, it takes a title with "@article{" for BibTeX.
const { data } = new Cite(readFileSync(0, "utf8"), { forceType: process.argv[2], generateGraph: false });
process.stdout.write(JSON.stringify(data));
