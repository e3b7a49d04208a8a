// node pack.cjs FROM TO: the gzip of a file, as small as gzip can be. Beside the node_modules that it is to use.
"use strict";
const { readFileSync, writeFileSync } = require("node:fs");
const { gzip } = require("@gfx/zopfli");

const [, , from, to] = process.argv;
gzip(readFileSync(from), { numiterations: 5 }, (problem, packed) => {
  if (problem) throw problem;
  writeFileSync(to, packed);
});
