import type { Alert } from "./wire.ts"

/** TMA-AVS-01, in a clause: how sure it is that somebody is there, and what they threaten. */
const validationWords: Readonly<Record<number, string>> = {
  2: "Level 2: somebody is likely there",
  3: "Level 3: a threat to property",
  4: "Level 4: a threat to life"
}

/** So many are named; the rest are counted. */
const namedMax = 5

const heldWords = (held: NonNullable<Alert["holdsBack"]>): string => {
  const named = held.slice(0, namedMax).map(({ title }) => title)
  const more = held.length - named.length
  return `${named.join(" · ")}${more > 0 ? ` · and ${more} more` : ""}`
}

/** What is critical asks each time, however often it comes. */
const chatterWords = (times: number, priority: Alert["priority"]): string =>
  `Came ${times} times${priority === 1 ? "" : "; asks nobody anew until it is still"}`

/** What the rules make of an alert: what to do, how sure it is, whether it chatters, and what it stands for. */
export const RuleFacts = ({ alert }: { readonly alert: Alert }) => {
  const { procedure, validationLevel, chattering, holdsBack } = alert
  const validation = validationWords[validationLevel]
  const rows = [
    ["What to do", procedure],
    ["Validation", validation],
    ["Chattering", chattering === undefined ? undefined : chatterWords(chattering.times, alert.priority)],
    ["Stands for", holdsBack === undefined ? undefined : heldWords(holdsBack)]
  ] as const
  return rows.flatMap(([name, words]) =>
    words === undefined
      ? []
      : [
          <div key={name} className="whole">
            <dt>{name}</dt>
            <dd>{words}</dd>
          </div>
        ]
  )
}
