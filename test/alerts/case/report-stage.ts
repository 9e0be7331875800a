import { Schema } from "effect"
import { encode } from "jpeg-js"
import { type CaseFile, markOfCase } from "../../../gateway/alerts/case/case-file.ts"
import { type Printed, type Report, reportOf } from "../../../gateway/alerts/case/report.ts"
import { Alert } from "../../../gateway/domain/alert.ts"
import { Incident } from "../../../gateway/domain/incident.ts"

const noon = Date.UTC(2026, 2, 2, 17, 4, 11)

const hashes = ["a", "b", "c", "d", "e", "f"].map((sign) => sign.repeat(64))

/** A forced door with five frames and a procedure of which something is said. */
const forcedDoor = Schema.decodeUnknownSync(Alert)({
  id: "A-4821",
  condition: "DoorForcedOpen",
  key: "door:east",
  door: "east",
  area: "hall",
  priority: 1,
  validationLevel: 2,
  title: "Door forced open: East exit",
  active: false,
  acknowledged: true,
  closed: true,
  resolvedByLateEvidence: false,
  count: 1,
  occurredAt: noon,
  raisedAt: noon + 1500,
  updatedAt: noon + 600_000,
  acknowledgedBy: "R. Alvarez",
  acknowledgedAt: noon + 9000,
  closedBy: "R. Alvarez",
  closedAt: noon + 600_000,
  outcome: "real",
  raisedBy: 4821,
  rule: "door.forced",
  configVersion: "v1",
  why: [],
  evidence: [-10, -5, 0, 5, 10].map((offsetSeconds, nth) => ({
    camera: "cam-east",
    offsetSeconds,
    occurredAt: noon,
    takenAt: noon + offsetSeconds * 1000,
    hash: hashes[nth],
    mediaType: "image/jpeg"
  })),
  checklist: {
    procedure: "forced-door",
    name: "Forced door",
    version: "3",
    steps: [
      { id: "look", text: "Look at the pictures", kind: "look" },
      { id: "send", text: "Send somebody" },
      { id: "write", text: "Write it down", required: false }
    ],
    marks: [
      { step: "look", how: "done", by: "R. Alvarez", at: noon + 12_000 },
      { step: "send", how: "skipped", by: "J. Brandt", at: noon + 40_000, reason: "the patrol was there" }
    ]
  }
})

export const burglary = Schema.decodeUnknownSync(Incident)({
  id: "I-4900",
  opened: 4900,
  openedAt: noon + 60_000,
  author: "R. Alvarez",
  updatedAt: noon + 700_000,
  revision: 7,
  title: "Burglary at the Science Hall",
  reality: "actual",
  nature: "Burglary",
  reportedAt: noon + 30_000,
  occurredAt: noon,
  generalLocation: "Science Hall",
  narrative: "The door was forced with a crowbar.\nNobody was found inside.",
  clery: "belongs",
  cleryDue: noon + 200_000_000,
  cleryEnteredAt: noon + 65_000,
  alerts: [],
  people: [
    { id: 1, name: "محمد العربي", role: "witness", note: "saw them leave", by: "R. Alvarez", at: noon },
    { id: 2, name: "山田太郎", role: "victim", by: "R. Alvarez", at: noon },
    { id: 3, name: "Łukasz Żółć", role: "officer", by: "R. Alvarez", at: noon }
  ],
  notes: [{ id: 5, text: "The glass is whole.", by: "J. Brandt", at: noon + 90_000 }],
  acts: [],
  closed: true,
  closedBy: "S. Chen",
  closedAt: noon + 700_000,
  disposition: { kind: "real" },
  closing: "the police have it"
})

const fileOf = (incident: Incident, lines = 12): CaseFile => ({
  incident,
  mark: markOfCase(incident),
  site: { name: "Maple Grove Campus", timeZone: "America/Chicago" },
  where: ["Science Hall · Ground floor · East exit"],
  alerts: [forcedDoor],
  timeline: Array.from({ length: lines }, (_, nth) => ({
    at: noon + nth * 1000,
    seq: 4800 + nth,
    kind: nth % 4 === 0 ? "officer" : "door",
    text: `Happening ${nth}: the door is ${nth % 2 === 0 ? "open" : "secure"}, as its contact says`
  })),
  timelineCut: false
})

/** A yard in grey, with something red in it. */
const yard = (): Uint8Array => {
  const [width, height] = [320, 180]
  const data = Buffer.alloc(width * height * 4, 120)
  for (let y = 60; y < 140; y++) for (let x = 150; x < 170; x++) data.set([200, 60, 40, 255], (y * width + x) * 4)
  return encode({ width, height, data }, 70).data
}

const printed: Printed = {
  by: "S. Chen",
  at: noon + 800_000,
  hash: "0".repeat(64),
  cameraName: () => "East camera",
  // The last one is gone, and the one before is damaged.
  pictureOf: (hash) =>
    hash.startsWith("e")
      ? undefined
      : { bytes: hash.startsWith("d") ? Uint8Array.of(0xff, 0xd8, 0xff, 0xe0) : yard(), mediaType: "image/jpeg" }
}

export const reportedAs = (incident: Incident, lines?: number): Report => reportOf(fileOf(incident, lines), printed)
