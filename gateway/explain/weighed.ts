import { grantSpanMs } from "../correlation/door-cover.ts"
import type { Ground } from "../correlation/door-verdict.ts"
import type { CompleteDoorTimes } from "../domain/door.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Otherwise, Weighed } from "./explanation.ts"
import { relativeTo, spanOf } from "./span-words.ts"

/** Who it was that an entry tells of, as far as it does. */
export type WhoAt = (seq: number) => string | undefined

/** What judgements are told with: the door's times, and who is behind an entry. */
export interface Telling {
  readonly times: CompleteDoorTimes
  readonly whoAt: WhoAt
}

type Of<By extends Ground["by"]> = Extract<Ground, { by: By }>

const grantText = (
  { at, seq, verdict, missedByMs = 0, credential, officer }: Of<"grant">,
  openedAt: EpochMs,
  whoAt: WhoAt
): string => {
  const who = (seq === undefined ? undefined : whoAt(seq)) ?? credential
  const whose = officer === undefined ? `A grant${who === undefined ? "" : ` to ${who}`}` : `${officer}'s release`
  const when = relativeTo(at, openedAt)
  switch (verdict) {
    case "covers":
      return `${whose} ${when} covers it`
    case "after":
      return `${whose} came ${when}: ${spanOf(missedByMs)} too late`
    case "refused":
      return `${whose} ${when} does not count: in its mode the door opens to no credential`
    case "over":
      return `${whose} was given ${when}: ${spanOf(missedByMs)} too old`
    case "used":
      return `${whose} ${when} had been used, and its lock was released no longer: ${spanOf(missedByMs)} too old`
    case "locked again":
      return `${whose} ${when} had been used, and the lock had locked again ${spanOf(missedByMs)} before`
  }
}

const exitText = ({ at, verdict, missedByMs = 0, point }: Of<"rex">, openedAt: EpochMs): string => {
  const when = relativeTo(at, openedAt)
  switch (verdict) {
    case "covers":
      return `A request to exit at ${point} ${when} covers it`
    case "over":
      return `A request to exit at ${point} came ${when}: ${spanOf(missedByMs)} too old`
    case "after":
      return `A request to exit at ${point} came ${when}: ${spanOf(missedByMs)} too late`
    case "not seen to begin":
      return `A request to exit at ${point} was on, but nobody saw it begin, and it was over ${spanOf(missedByMs)} before`
  }
}

const modeText = ({ mode, verdict }: Of<"mode">): string =>
  verdict === "covers"
    ? `Its mode ${mode} lets it be opened`
    : verdict === "unknown"
      ? "Its mode was not known, and lets nobody open it"
      : `Its mode ${mode} lets nobody open it without a right`

const scheduleText = ({ at, verdict, missedByMs = 0 }: Of<"schedule">, openedAt: EpochMs): string => {
  switch (verdict) {
    case "covers":
      return "Its schedule had unlocked it"
    case "awaits the first person":
      return "Its schedule would have unlocked it, but nobody had been granted access yet"
    case "refused":
      return "Its schedule would have unlocked it, but in its mode no schedule does"
    case "after":
      return `Its schedule unlocked it ${relativeTo(at, openedAt)}: ${spanOf(missedByMs)} too late`
    case "over":
      return `Its schedule had unlocked it until ${spanOf(missedByMs)} before this would have counted`
  }
}

const textOf = (ground: Ground, openedAt: EpochMs, whoAt: WhoAt): string => {
  switch (ground.by) {
    case "grant":
      return grantText(ground, openedAt, whoAt)
    case "rex":
      return exitText(ground, openedAt)
    case "schedule":
      return scheduleText(ground, openedAt)
    case "mode":
      return modeText(ground)
  }
}

/** A ground in words, seen from an opening at `openedAt`. */
export const weighedOf = (ground: Ground, openedAt: EpochMs, whoAt: WhoAt): Weighed => ({
  by: ground.by,
  at: ground.at,
  ...(ground.seq === undefined ? {} : { seq: ground.seq }),
  verdict: ground.verdict,
  ...(ground.missedByMs === undefined ? {} : { missedByMs: ground.missedByMs }),
  text: textOf(ground, openedAt, whoAt)
})

const nearestOf = (grounds: ReadonlyArray<Ground>, by: Ground["by"]): Ground | undefined =>
  grounds
    .filter((ground) => ground.by === by && ground.missedByMs !== undefined)
    .sort((a, b) => (a.missedByMs ?? 0) - (b.missedByMs ?? 0))[0]

const near = (
  ground: Ground | undefined,
  openedAt: EpochMs,
  whoAt: WhoAt
): Pick<Otherwise, "text" | "seq" | "missedByMs"> =>
  ground === undefined
    ? { text: "None is known" }
    : {
        text: weighedOf(ground, openedAt, whoAt).text,
        ...(ground.seq === undefined ? {} : { seq: ground.seq }),
        ...(ground.missedByMs === undefined ? {} : { missedByMs: ground.missedByMs })
      }

/** What would have made an opening rightful that nothing did, with what came nearest to it. */
export const whatWouldCover = (
  grounds: ReadonlyArray<Ground>,
  openedAt: EpochMs,
  { times, whoAt }: Telling
): ReadonlyArray<Otherwise> => {
  const grant = near(nearestOf(grounds, "grant"), openedAt, whoAt)
  const exit = near(nearestOf(grounds, "rex"), openedAt, whoAt)
  const refused = grounds.some(({ by, verdict }) => by === "grant" && verdict === "refused")
  return [
    ...(refused
      ? [{ text: "A grant would not have made it an entry: in its mode the door opens to no credential" }]
      : [
          {
            ...grant,
            from: openedAt - grantSpanMs(times, false),
            until: openedAt + times.reorderGraceMs,
            text: `A grant in this span would have made it an entry. ${grant.text}`
          }
        ]),
    {
      ...exit,
      from: openedAt - times.rexValidSeconds * 1000,
      until: openedAt + times.rexLateSeconds * 1000,
      text: `A request to exit in this span would have made it an exit. ${exit.text}`
    }
  ]
}
