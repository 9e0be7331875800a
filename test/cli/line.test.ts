import { Schema } from "effect"
import { expect, test } from "vitest"
import { describeEntry } from "../../gateway/cli/line.ts"
import { Entry } from "../../gateway/log/entry.ts"

const line = (occurrence: object): string =>
  describeEntry(
    Schema.decodeUnknownSync(Entry)({
      _tag: "Fact",
      seq: 1,
      site: "s",
      recordedAt: Date.parse("2026-01-01T00:00:00.123Z"),
      device: "acs",
      fact: {
        _tag: "Observed",
        at: Date.parse("2026-01-01T00:00:00Z"),
        occurredAt: Date.parse("2026-01-01T00:00:00Z"),
        receivedAt: Date.parse("2026-01-01T00:00:00Z"),
        link: "onvif",
        observation: {
          _tag: "Occurrence",
          device: "acs",
          point: "reader-AP1",
          origin: "change",
          source: "AccessControl/AccessGranted/Credential",
          occurrence
        }
      }
    })
  )

test("a line says who passed and where, as far as the device does", () => {
  const granted = { _tag: "AccessGranted", credential: "C1" }
  expect(line({ ...granted, holder: "Jo", at: "Roof hatch" })).toContain(
    "acs/reader-AP1 AccessGranted by Jo at Roof hatch"
  )
  expect(line({ ...granted, at: "Roof hatch" })).toContain("AccessGranted at Roof hatch")
  expect(line(granted)).toMatch(/acs\/reader-AP1 AccessGranted$/)
})

test("a name that would steer the terminal does not", () => {
  expect(line({ _tag: "AccessGranted", holder: "Jo\u001b[2J" })).not.toContain("\u001b[2J")
})

const seen = { device: "north-panel", point: "door-1.tamper", source: "s", origin: "change" }

test("a condition of a panel says how it stands there, and who said what", () => {
  const at = Date.parse("2026-01-01T00:00:00Z")
  const told = (more: object): string =>
    describeEntry(
      Schema.decodeUnknownSync(Entry)({
        _tag: "Fact",
        seq: 1,
        site: "s",
        recordedAt: at,
        fact: {
          _tag: "Observed",
          at,
          occurredAt: at,
          receivedAt: at,
          link: "panel-7",
          observation: {
            _tag: "PanelCondition",
            ...seen,
            condition: { id: "case" },
            event: "e1",
            active: true,
            acked: false,
            retain: true,
            means: { reading: { kind: "tamper", value: "on" } },
            answerable: true,
            ...more
          }
        }
      })
    )
  expect(told({})).toMatch(/north-panel\/door-1\.tamper condition is active, unacknowledged \(change\)$/)
  expect(told({ acked: true, comment: "guard\u001b[2J" })).toMatch(/active, acknowledged \(change\): guard\uFFFD\[2J$/)
  expect(told({ condition: { id: "case", branch: "b1" }, active: false })).toContain(
    "earlier state of a condition is inactive, unacknowledged"
  )
})
