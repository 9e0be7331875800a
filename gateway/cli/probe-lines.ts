import { stringify } from "yaml"
import { paint, printable, say } from "./output.ts"
import type { ProbeStep, ProbeTarget, ShownCertificate } from "./probe-parts.ts"

const signs = {
  passed: ["green", "✔"],
  doubtful: ["yellow", "!"],
  failed: ["red", "✘"],
  "left-out": ["dim", "–"]
} as const

/** "12 ms", "1.4 s". */
export const lasting = (ms: number): string => (ms < 1000 ? `${ms} ms` : `${(ms / 1000).toFixed(1)} s`)

const stepWidth = 12
const timeWidth = 7

/** A step as a line; what a doubtful one leaves to do stands below it, and each of the many things it looked at. */
export const sayStep = ({ step, result, tookMs, said, todo, details = [] }: ProbeStep): void => {
  const [style, sign] = signs[result]
  const time = tookMs === undefined ? "" : lasting(tookMs)
  say(`${paint(style, sign)} ${step.padEnd(stepWidth)} ${time.padStart(timeWidth)}  ${printable(said)}`)
  const below = " ".repeat(stepWidth + timeWidth + 5)
  if (result === "doubtful" && todo !== undefined) say(`${below}${paint("yellow", printable(todo))}`)
  for (const line of details) say(`${below}${printable(line)}`)
}

/** A certificate, and the line that enrols it. */
export const certificateLines = (
  { subject, issuer, validTo, fingerprint, withColons }: ShownCertificate,
  { device }: ProbeTarget
): ReadonlyArray<string> => {
  const parameters = { ...device.parameters, fingerprint }
  const line = stringify({ parameters }, { collectionStyle: "flow", lineWidth: 0, flowCollectionPadding: true })
  return [
    `subject      ${printable(subject) || "none"}`,
    `issuer       ${printable(issuer) || "none"}`,
    `valid until  ${printable(validTo)}`,
    `SHA-256      ${withColons}`,
    "",
    // The mapping of one key, without the braces around it.
    line.trim().replace(/^\{ /, "").replace(/ \}$/, "")
  ]
}
