#!/usr/bin/env node
// Runs on any Node, however old, so that the wrong one gets an answer instead of a syntax error.
var needed = [24, 12]
var found = process.versions.node.split(".").map(Number)

if (found[0] < needed[0] || (found[0] === needed[0] && found[1] < needed[1])) {
  console.error(
    "Gatehouse needs Node " +
      needed.join(".") +
      " or newer; this is Node " +
      process.versions.node +
      " (" +
      process.execPath +
      ").\n" +
      "The right Node comes with the dependencies: run `npm ci` once, then start Gatehouse through npm.\n" +
      "→ npm run gatehouse -- " +
      process.argv.slice(2).join(" ")
  )
  process.exit(2)
}

void import("./main.ts")
