// The editor as the service gives it out: below /planner/, with nothing from elsewhere.
import { defineConfig } from "vite";

export default defineConfig({
  base: "/planner/",
  build: {
    // the last Chromium that runs on Windows 7
    target: "chrome109",
    outDir: "dist",
    modulePreload: false,
    chunkSizeWarningLimit: 1500,
  },
});
