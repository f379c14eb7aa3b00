// Copies the few browser files that our pages use from node_modules to maps/bundle/, with pictures made part of the
// style sheet and without references to source maps, so that a page that holds these files asks for no other file.
// The web editor, which is built before (maps/planner), goes into a folder of its own.

import { cpSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const HERE = dirname(fileURLToPath(import.meta.url));
const MODULES = join(HERE, "node_modules");
const BUNDLE = join(HERE, "..", "bundle");
const FRESH = join(HERE, "build");
const PLANNER = join(HERE, "..", "planner", "dist");

const FILES = {
  "leaflet.js": "leaflet/dist/leaflet.js",
  "leaflet.css": "leaflet/dist/leaflet.css",
  "leaflet.LICENSE.txt": "leaflet/LICENSE",
  "swagger-ui-bundle.js": "swagger-ui-dist/swagger-ui-bundle.js",
  "swagger-ui.css": "swagger-ui-dist/swagger-ui.css",
  "swagger-ui.LICENSE.txt": "swagger-ui-dist/LICENSE",
  "swagger-ui.NOTICE.txt": "swagger-ui-dist/NOTICE",
  "swagger-ui-bundle.LICENSE.txt": "swagger-ui-dist/swagger-ui-bundle.js.LICENSE.txt",
};
const MIME = { png: "image/png", gif: "image/gif", svg: "image/svg+xml" };

function withoutSourceMap(text) {
  return text.replace(/\n?\/\/# sourceMappingURL=\S+\s*$/, "\n").replace(/\n?\/\*# sourceMappingURL=\S+\s*\*\/\s*$/, "\n");
}

function withInlinePictures(css, folder) {
  return css.replace(/url\((["']?)(images\/[\w.-]+)\1\)/g, (_, quote, name) => {
    const mime = MIME[name.split(".").pop()];
    if (!mime) throw new Error(`${name}: no MIME type known for this picture`);
    return `url(data:${mime};base64,${readFileSync(join(folder, name)).toString("base64")})`;
  });
}

function assertSelfContained(name, css) {
  const outside = [...css.matchAll(/url\(\s*(?!["']?(?:data:|#))[^)]*\)/g)].map((match) => match[0]);
  if (outside.length || /@import/.test(css)) throw new Error(`${name} still refers to other files: ${outside.join(", ")}`);
}

function bundled(name, source) {
  let text = readFileSync(source, "utf8").replace(/\r\n?/g, "\n");
  if (name.endsWith(".js") || name.endsWith(".css")) text = withoutSourceMap(text);
  if (name.endsWith(".css")) {
    // Internet Explorer's VML is gone from every browser that can show these pages.
    text = withInlinePictures(text, dirname(source)).replace(/\s*behavior: url\(#default#VML\);/g, "");
    assertSelfContained(name, text);
  }
  return text;
}

const texts = Object.entries(FILES).map(([name, path]) => [name, bundled(name, join(MODULES, path))]);
// Written beside and moved at the end: a build that stops half-way leaves the former bundle whole.
rmSync(FRESH, { recursive: true, force: true });
mkdirSync(FRESH, { recursive: true });
for (const [name, text] of texts) writeFileSync(join(FRESH, name), text);
cpSync(PLANNER, join(FRESH, "planner"), { recursive: true });
rmSync(BUNDLE, { recursive: true, force: true });
renameSync(FRESH, BUNDLE);
console.log(`maps/bundle: ${Object.keys(FILES).join(", ")}`);
