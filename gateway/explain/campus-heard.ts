import { Draft, innerOf } from "../correlation/draft.ts"
import type { CompiledRule } from "../correlation/rules/compiled-rule.ts"
import { hearBy } from "../correlation/rules/hear.ts"
import type { Hit } from "../correlation/rules/hits.ts"
import { located } from "../correlation/rules/places.ts"
import { alertSignal, alertWord, type Signal, signalOf, wordOf } from "../correlation/rules/signal.ts"
import { memoriesOf, partsOf, subjectsIn } from "../correlation/rules/remembered.ts"
import type { Situation } from "../correlation/situation.ts"
import type { Alert } from "../domain/alert.ts"
import type { EpochMs } from "../domain/ids.ts"
import type { Entry } from "../log/entry.ts"
import type { History } from "../log/history.ts"

/** What the whole campus told around an instant, as the log has it. */
export interface CampusHeard {
  /** What rules could hear of these words since then, up to the instant, in its order. */
  readonly signals: (words: ReadonlySet<string>, from: EpochMs) => ReadonlyArray<Signal>
  /** The alerts that a rule raised around then, at whatever door. */
  readonly raisedBy: (rule: string) => ReadonlyArray<Alert>
  /** Whether the log has this alert: folded alone, a door does not know what at other places stood for what it found. */
  readonly has: (alert: Pick<Alert, "id" | "condition" | "key">) => boolean
  /** The alert, at whatever door, that stood for one of this condition and one of these keys around then. */
  readonly holding: (condition: string, keys: ReadonlySet<string>) => Alert | undefined
}

/** Of more, the newest are looked at: a rule remembers far fewer of a subject. */
const entriesAtMost = 5000

/** `alert:DoorTampered` is written as its condition alone. */
const writtenWord = (word: string): string => (word.startsWith("alert:") ? word.slice("alert:".length) : word)

const came: ReadonlySet<string> = new Set(["raised", "reactivated"])

const signalsIn = (entry: Entry, words: ReadonlySet<string>): ReadonlyArray<Signal> => {
  // A signal is of the fact that made it.
  const seq = "cause" in entry ? entry.cause : entry.seq
  const nth = entry.seq - seq
  if (entry._tag === "Alert") {
    const { transition, alert, at } = entry.change
    return came.has(transition) && words.has(alertWord(alert.condition)) ? [alertSignal(alert, at, seq, nth, 0)] : []
  }
  const event = entry._tag === "Event" || entry._tag === "Fact" ? entry.event : undefined
  if (event === undefined) return []
  const word = wordOf(event)
  return words.has(word) ? [signalOf(event, word, seq, nth, 0)] : []
}

/** What a log has of the whole campus up to an instant; `from` and `until`: between which alerts are looked for. */
export const campusHeard = (
  history: History,
  span: { readonly at: EpochMs; readonly from: EpochMs; readonly until: EpochMs }
): CampusHeard => {
  let raised: ReadonlyArray<Alert> | undefined
  return {
    signals: (words, from) =>
      history
        .tellingOf(
          { after: history.seqAt(from), upTo: history.seqAt(span.at) },
          new Set([...words].map(writtenWord)),
          entriesAtMost
        )
        .flatMap((entry) => signalsIn(entry, words)),
    has: ({ id, condition, key }) => {
      const alert = history.alert(id)
      return alert?.condition === condition && alert.key === key
    },
    holding: (condition, keys) =>
      history
        .tellingOf(
          { after: history.seqAt(span.from), upTo: history.seqAt(span.until) },
          // What is held is named in the body of what holds it.
          new Set([condition]),
          entriesAtMost
        )
        .flatMap((entry) => (entry._tag === "Alert" ? [entry.change.alert] : []))
        .findLast(({ holdsBack = [] }) => holdsBack.some((held) => held.condition === condition && keys.has(held.key))),
    raisedBy: (rule) => {
      raised ??= history.alertsRaised(history.seqAt(span.from), history.seqAt(span.until))
      return raised.filter((alert) => alert.rule === rule)
    }
  }
}

/** What a rule remembered, subject by subject, had it heard the whole campus: by the gateway's own ears, on a copy. */
export const heardByRule = (
  compiled: CompiledRule,
  known: Situation,
  campus: CampusHeard
): ReadonlyArray<readonly [key: string, hits: ReadonlyArray<Hit>]> => {
  const { id } = compiled.rule
  const isOther = ([subject]: readonly [string, unknown]): boolean => partsOf(subject)[0] !== id
  const subjects = memoriesOf(subjectsIn(innerOf(known).subjects).filter(isOther))
  const looking = new Draft({ ...known, inner: { ...innerOf(known), subjects } }, known.seq + 1, known.at)
  const words = new Set(compiled.listeners.flatMap((listener) => listener.words))
  for (const signal of campus.signals(words, known.at - compiled.keepMs)) {
    const places = located(looking.inner.index, signal)
    for (const listener of compiled.listeners)
      if (listener.words.includes(signal.word)) hearBy(looking, { rule: compiled, listener }, signal, places)
  }
  return subjectsIn(looking.inner.subjects)
    .filter(([subject]) => partsOf(subject)[0] === id)
    .map(([subject, { hits }]) => [partsOf(subject)[1], hits] as const)
}
