import { HashMap } from "effect"
import type { Lived } from "../alerts/turned.ts"
import type { Alert } from "../domain/alert.ts"
import type { Camera } from "../domain/campus.ts"
import { camerasMax, type Frame, FrameOffset, frameOf, isAwaited } from "../domain/evidence.ts"
import type { Fact } from "../domain/fact.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { CampusIndex } from "./campus-index.ts"
import type { Draft } from "./draft.ts"

/** So many happenings of one alert have frames. One that comes again more often chatters, and would fill the disk. */
export const happeningsMax = 10

/** A happening nearer than this to one that has frames stands on those already. */
const apartMs = Math.max(...FrameOffset.literals) * 1000

const camerasOf = ({ doors, cameras, devices }: CampusIndex, alert: Alert): ReadonlyArray<Camera> => {
  const named = alert.door === undefined ? undefined : (doors.get(alert.door)?.door.cameras ?? [])
  // A camera that is away has nothing to show for it.
  const own =
    alert.device === undefined || alert.condition === "DeviceOffline"
      ? []
      : [...cameras.values()].filter(({ device }) => device === alert.device)
  const beside = named === undefined ? own : named.flatMap((id) => cameras.get(id) ?? [])
  return beside
    .filter(({ device }) => device !== undefined && devices.has(device) && devices.get(device)?.disabled !== true)
    .slice(0, camerasMax)
}

/** The frames that a happening is to have, none of them there yet. */
const wantedAt = (occurredAt: EpochMs, cameras: ReadonlyArray<Camera>): ReadonlyArray<Frame> =>
  cameras.flatMap(({ id }) =>
    FrameOffset.literals.map((offsetSeconds) => ({
      camera: id,
      offsetSeconds,
      occurredAt,
      dueAt: occurredAt + offsetSeconds * 1000
    }))
  )

/** What happened at a door or a camera is to have its frames: they are awaited from here on. */
export const wantFrames = ({ alert, change }: Lived, occurredAt: EpochMs, index: CampusIndex): Lived => {
  const evidence = alert.evidence ?? []
  const happenings = [...new Set(evidence.map((frame) => frame.occurredAt))]
  if (happenings.length >= happeningsMax) return { alert, change }
  if (happenings.some((at) => Math.abs(at - occurredAt) < apartMs)) return { alert, change }
  const wanted = wantedAt(occurredAt, camerasOf(index, alert))
  if (wanted.length === 0) return { alert, change }
  const pictured = { ...alert, evidence: [...evidence, ...wanted] }
  return { alert: pictured, change: { ...change, alert: pictured } }
}

/** Whether frames of the alert are still to come. */
export const owesFrames = (alert: Alert): boolean => alert.evidence?.some(isAwaited) === true

const told = (
  draft: Draft,
  alert: Alert,
  evidence: ReadonlyArray<Frame>,
  transition: "evidence-kept" | "evidence-missing",
  by: string,
  text: string
): void => {
  const after: Alert = { ...alert, evidence, updatedAt: draft.now }
  const why = [{ at: draft.now, seq: draft.seq, text }]
  draft.alert({ alert: after, change: { transition, at: draft.now, by, why, alert: after } })
}

const signed = (seconds: number): string => (seconds > 0 ? `+${seconds}` : String(seconds).replace("-", "−"))

type FrameFact = Extract<Fact, { readonly _tag: "EvidenceKept" | "EvidenceMissing" }>

const frameIn = (fact: FrameFact): Frame => {
  const { camera, offsetSeconds, occurredAt } = fact
  const which: { readonly [Name in keyof typeof frameOf]: FrameFact[Name] } = { camera, offsetSeconds, occurredAt }
  return fact._tag === "EvidenceKept"
    ? { ...which, takenAt: fact.takenAt, hash: fact.hash, mediaType: fact.mediaType }
    : { ...which, missing: fact.reason }
}

/** What became of a frame that was awaited. Of one that nobody awaits the log alone keeps the word. */
export const frameTold = (draft: Draft, fact: FrameFact): void => {
  const alert = draft.unsettledAlert(fact.alert)
  const evidence = alert?.evidence ?? []
  const place = evidence.findIndex(
    (frame) =>
      isAwaited(frame) &&
      frame.camera === fact.camera &&
      frame.offsetSeconds === fact.offsetSeconds &&
      frame.occurredAt === fact.occurredAt
  )
  if (alert === undefined || place < 0) return
  const kept = fact._tag === "EvidenceKept"
  const text = `Frame ${signed(fact.offsetSeconds)} s ${kept ? "is kept" : `is missing: ${fact.reason}`}`
  const transition = kept ? "evidence-kept" : "evidence-missing"
  told(draft, alert, evidence.with(place, frameIn(fact)), transition, `camera ${fact.camera}`, text)
}

/** The process that was to fetch the frames is gone: those it still owed will not come. */
export const framesLost = (draft: Draft): void => {
  const reason = "the gateway was not running"
  const owing = [...HashMap.values(draft.situation.alerts), ...HashMap.values(draft.inner.owing)].filter(owesFrames)
  // In one order, however the maps came about.
  owing.sort((a, b) => a.raisedBy - b.raisedBy || (a.id < b.id ? -1 : 1))
  for (const alert of owing) {
    const evidence = (alert.evidence ?? []).map((frame): Frame => {
      if (!isAwaited(frame)) return frame
      const { dueAt: _, ...which } = frame
      return { ...which, missing: reason }
    })
    told(draft, alert, evidence, "evidence-missing", "gateway", `Frames are missing: ${reason}`)
  }
}
