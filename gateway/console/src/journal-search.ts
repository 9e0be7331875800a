import { type JournalKind, type Searched, type Term, termsOf, type Wanted } from "../../log/journal/matching.ts"
import { instantOfSiteTime } from "./site-clock.ts"
import type { Campus, Entry } from "./wire.ts"

/** What an officer has typed and chosen: texts as they stand in the fields. */
export interface JournalAsked {
  readonly text: string
  readonly by: string
  readonly door: string
  readonly device: string
  readonly alert: string
  /** By the clocks of the site: `2026-03-02T10:02`. */
  readonly from: string
  readonly to: string
  readonly kinds: ReadonlyArray<JournalKind>
}

/** Kinds as officers call them. What a machine mumbles is left out until somebody asks for it. */
export const kindNames: ReadonlyArray<{ readonly kind: JournalKind; readonly name: string; readonly sign: string }> = [
  { kind: "alert", name: "Alerts", sign: "◆" },
  { kind: "incident", name: "Incidents", sign: "▣" },
  { kind: "notification", name: "Notifications", sign: "✉" },
  { kind: "act", name: "What people did", sign: "☞" },
  { kind: "event", name: "Doors and devices", sign: "▸" },
  { kind: "system", name: "Gateway", sign: "⚙" },
  { kind: "reading", name: "Raw readings", sign: "·" },
  { kind: "time", name: "Ticks of the clock", sign: "·" }
]

export const nothingAsked: JournalAsked = {
  text: "",
  by: "",
  door: "",
  device: "",
  alert: "",
  from: "",
  to: "",
  kinds: ["alert", "incident", "notification", "act", "event", "system"]
}

const isKind = (text: string): text is JournalKind => kindNames.some(({ kind }) => kind === text)

/** What an address asks for: `#journal/door=east-exit&text=forced`. */
export const askedIn = (of: string | undefined): JournalAsked => {
  if (of === undefined) return nothingAsked
  const given = new URLSearchParams(of)
  const text = (name: string): string => given.get(name) ?? ""
  const kinds = text("kinds").split(",").filter(isKind)
  return {
    text: text("text"),
    by: text("by"),
    door: text("door"),
    device: text("device"),
    alert: text("alert"),
    from: text("from"),
    to: text("to"),
    kinds: kinds.length === 0 ? nothingAsked.kinds : kinds
  }
}

/** The question as the API takes it; an instant that the field does not hold is not asked about. */
export const queryOf = (asked: JournalAsked, timeZone: string): URLSearchParams => {
  const query = new URLSearchParams()
  for (const name of ["text", "by", "door", "device", "alert"] as const) {
    if (asked[name].trim() !== "") query.set(name, asked[name].trim())
  }
  for (const name of ["from", "to"] as const) {
    const at = instantOfSiteTime(asked[name], timeZone)
    if (at !== undefined) query.set(name, at)
  }
  query.set("kinds", asked.kinds.join(","))
  return query
}

const given = (text: string): string | undefined => (text.trim() === "" ? undefined : text.trim())

/** The same question for entries that come in, asked as the gateway asks it. */
export const wantedOf = (asked: JournalAsked, campus: Campus): Wanted => {
  const { by, door, device, alert } = asked
  const terms: ReadonlyArray<Term> = termsOf(asked.text, campus)
  return {
    terms,
    kinds: asked.kinds,
    ...Object.fromEntries(
      Object.entries({ by, door, device, alert }).flatMap(([name, text]) =>
        given(text) === undefined ? [] : [[name, given(text)]]
      )
    )
  }
}

/** An entry as it is looked through. */
export const searched = (entry: Entry): Searched => entry as unknown as Searched
