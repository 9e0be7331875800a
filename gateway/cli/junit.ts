import { stripVTControlCharacters } from "node:util"
import type { ScenarioOutcome } from "./test.ts"

/** Characters that XML 1.0 cannot hold, not even escaped (section 2.2). */
const outsideXml = /[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu

const escaped = (text: string): string =>
  stripVTControlCharacters(text)
    .replace(outsideXml, "\uFFFD")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;")
    // In an attribute a bare line break would be read as a blank.
    .replace(/[\t\n\r]/g, (blank) => `&#${blank.charCodeAt(0)};`)

/** A scenario's outcome and the file it stands in. */
export interface Tested extends ScenarioOutcome {
  readonly file: string
}

const testcase = ({ file, name, passed, problems }: Tested): string => {
  const about = `<testcase classname="${escaped(file)}" name="${escaped(name)}" file="${escaped(file)}" time="0"`
  if (passed) return `    ${about}/>`
  const first = escaped(problems[0]?.split("\n")[0] ?? "it failed")
  return `    ${about}>\n      <failure message="${first}">${escaped(problems.join("\n"))}</failure>\n    </testcase>`
}

/** JUnit's XML as CI systems read it. Scenarios run on virtual time: they take none. */
export const junitXml = (outcomes: ReadonlyArray<Tested>): string => {
  const failures = outcomes.filter(({ passed }) => !passed).length
  const counts = `tests="${outcomes.length}" failures="${failures}" errors="0" time="0"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites ${counts}>`,
    `  <testsuite name="gatehouse test" ${counts}>`,
    ...outcomes.map(testcase),
    "  </testsuite>",
    "</testsuites>",
    ""
  ].join("\n")
}
