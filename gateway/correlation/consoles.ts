import { type ConsoleStanding, silenceMs } from "../domain/console.ts"
import type { Fact } from "../domain/fact.ts"
import type { Draft } from "./draft.ts"
import { hasten } from "./escalation/escalate.ts"

/** Consoles with which something is amiss are few; of more than these the oldest are forgotten. */
const consolesKept = 200

type Of<Tag extends Fact["_tag"]> = Extract<Fact, { readonly _tag: Tag }>

const become = (draft: Draft, next: ConsoleStanding): void => {
  const silenced = next.silenced !== undefined && next.silenced.until > draft.now
  const others = draft.situation.consoles.filter(
    ({ console, silenced: other, unwatched }) =>
      console !== next.console && (unwatched !== undefined || (other !== undefined && other.until > draft.now))
  )
  const { silenced: _silenced, ...rest } = next
  const kept = silenced ? next : rest
  draft.situation.consoles = [...others, ...(silenced || next.unwatched !== undefined ? [kept] : [])].slice(
    -consolesKept
  )
}

const standing = (draft: Draft, console: string, by: string): ConsoleStanding => ({
  ...draft.situation.consoles.find((one) => one.console === console),
  console,
  by
})

/** Silence is bounded whatever the fact says. */
export const alarmSilenced = (draft: Draft, { console, by, until }: Of<"AlarmSilenced">): void =>
  become(draft, {
    ...standing(draft, console, by),
    silenced: { since: draft.now, until: Math.min(until, draft.now + silenceMs) }
  })

export const consoleUnwatched = (draft: Draft, { console, by, why }: Of<"ConsoleUnwatched">): void => {
  const before = draft.situation.consoles.flatMap(({ unwatched }) => unwatched?.since ?? [])
  become(draft, { ...standing(draft, console, by), unwatched: { since: draft.now, why } })
  hasten(draft, before)
}

export const consoleWatched = (draft: Draft, { console, by }: Of<"ConsoleWatched">): void => {
  const { unwatched: _unwatched, ...rest } = standing(draft, console, by)
  become(draft, rest)
}
