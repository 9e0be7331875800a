import type { Call, Difference, Move, Replayed, Share } from "./replay-wire.ts"
import type { Campus } from "./wire.ts"
import { WhatIfTimeline } from "./what-if-timeline.tsx"
import { outcomes, priorityWord } from "./words.ts"

/** Rows of a list that somebody reads; `gatehouse replay --all` shows every one. */
const shownAtMost = 100

type Shown = (at: string) => string

const counted = (count: number): string => count.toLocaleString("en-US")

const Incidents = ({
  incidents,
  shown
}: {
  readonly incidents: Difference["realIncidents"]
  readonly shown: Shown
}) => {
  if (incidents.length === 0) return null
  const missed = incidents.filter(({ calledAt }) => calledAt === undefined).length
  const late = incidents.length - missed
  const what = [...(missed > 0 ? [`${missed} missed`] : []), ...(late > 0 ? [`${late} called later`] : [])]
  return (
    <section className="what-if-missed" role="alert">
      <h3>
        <span aria-hidden="true">✖ </span>Real incidents: {what.join(", ")}
      </h3>
      <ul>
        {incidents.map(({ alert, title, at, calledAt }) => (
          <li key={alert}>
            <time dateTime={at}>{shown(at)}</time> {title} ({alert}):{" "}
            <strong>
              {calledAt === undefined
                ? "nobody would be called"
                : `called ${((Date.parse(calledAt) - Date.parse(at)) / 1000).toFixed(1)} s later`}
            </strong>
          </li>
        ))}
      </ul>
    </section>
  )
}

const AgreementLine = ({ agreement }: Pick<Replayed, "agreement">) => {
  const { recorded, agreeing, onlyRecorded, onlyReplayed } = agreement
  const whole = onlyRecorded.length + onlyReplayed.length === 0
  return (
    <p className={whole ? "hint" : "what-if-doubt"}>
      {whole
        ? `✓ Replayed as it was configured, all ${counted(recorded)} calls of that time come again: the replay can be trusted.`
        : `! Replayed as it was configured, ${counted(agreeing)} of ${counted(recorded)} calls come again, ${onlyRecorded.length} do not and ${onlyReplayed.length} are new: another release decided then.`}
    </p>
  )
}

/** What the replay cannot show, so that nobody takes it for shown. */
const Doubts = ({ alike, lostDevices, readOtherwise }: Replayed) => {
  const doubts = [
    ...(alike === true
      ? ["Nothing is changed that a replay shows: it shows no other profiles, links or channels."]
      : []),
    ...lostDevices.map(
      ({ device, facts }) =>
        `The changed configuration has no device ${device}: its ${counted(facts)} facts count for nothing.`
    ),
    ...(readOtherwise.length === 0
      ? []
      : [`Another profile, link or address would read ${readOtherwise.join(", ")}: it is taken as it was read then.`])
  ]
  return doubts.map((text) => (
    <p key={text} className="what-if-doubt">
      ! {text}
    </p>
  ))
}

const Sums = ({ difference }: { readonly difference: Difference }) => {
  const { removed, added, moved, unchanged, nuisanceSaved } = difference
  const saved = Object.values(nuisanceSaved).reduce((sum, count) => sum + count, 0)
  const sums = [
    ["− Called no more", removed],
    ["+ Called anew", added],
    ["~ Moved", moved],
    ["= As it was", unchanged],
    ["Nuisance saved", saved]
  ] as const
  return (
    <dl className="what-if-sums">
      {sums.map(([what, count]) => (
        <div key={what}>
          <dt>{what}</dt>
          <dd>{counted(count)}</dd>
        </div>
      ))}
    </dl>
  )
}

const Shares = ({ title, shares }: { readonly title: string; readonly shares: ReadonlyArray<Share> }) => {
  const changed = shares.filter(({ added, removed, moved }) => added + removed + moved > 0)
  if (changed.length === 0) return null
  return (
    <div className="what-if-table" tabIndex={0} role="region" aria-label={title}>
      <table>
        <caption>{title}</caption>
        <thead>
          <tr>
            <th scope="col">{title.replace("By ", "")}</th>
            <th scope="col">no more</th>
            <th scope="col">anew</th>
            <th scope="col">moved</th>
            <th scope="col">as it was</th>
          </tr>
        </thead>
        <tbody>
          {changed.slice(0, shownAtMost).map(({ of, removed, added, moved, unchanged }) => (
            <tr key={of}>
              <th scope="row">{of}</th>
              <td>{counted(removed)}</td>
              <td>{counted(added)}</td>
              <td>{counted(moved)}</td>
              <td>{counted(unchanged)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

interface Row {
  readonly key: string
  readonly what: string
  readonly call: Call
  readonly note: string
}

const closedAs = ({ outcome }: Call): string => {
  const known = outcomes.find(({ value }) => value === outcome)
  return known === undefined ? "" : `closed as ${known.text.toLowerCase()}`
}

const movedWords = ({ before, after, differs }: Move): string =>
  differs
    .map((what) => {
      if (what === "name") return `as ${after.condition} of ${after.key}`
      if (what === "priority") return `${priorityWord[before.priority]} → ${priorityWord[after.priority]}`
      if (what === "held-back") return after.heldBack === true ? "another alert stands for it" : "on its own"
      const seconds = (Date.parse(after.at) - Date.parse(before.at)) / 1000
      return `${Math.abs(seconds).toFixed(1)} s ${seconds < 0 ? "earlier" : "later"}`
    })
    .join(", ")

const rowsOf = ({ removedCalls, addedCalls, movedCalls }: Difference): ReadonlyArray<Row> =>
  [
    ...removedCalls.map((call) => ({ what: "− no more", call, note: closedAs(call) })),
    ...addedCalls.map((call) => ({ what: "+ anew", call, note: "" })),
    ...movedCalls.map((move) => ({ what: "~ moved", call: move.before, note: movedWords(move) }))
  ]
    .sort((a, b) => Date.parse(a.call.at) - Date.parse(b.call.at))
    .map((row, nth) => ({ ...row, key: String(nth) }))

const CallTable = ({ difference, shown }: { readonly difference: Difference; readonly shown: Shown }) => {
  const rows = rowsOf(difference)
  if (rows.length === 0) return <p className="empty">Nothing would have been different.</p>
  const all = difference.removed + difference.added + difference.moved
  return (
    <div className="what-if-table" tabIndex={0} role="region" aria-label="Calls that differ">
      <table>
        <caption>Calls that differ{all > shownAtMost ? `, the first ${shownAtMost} of ${counted(all)}` : ""}</caption>
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">When</th>
            <th scope="col">Alert</th>
            <th scope="col">Note</th>
          </tr>
        </thead>
        <tbody>
          {rows.slice(0, shownAtMost).map(({ key, what, call, note }) => (
            <tr key={key}>
              <td className="what-if-what">{what}</td>
              <td>
                <time dateTime={call.at}>{shown(call.at)}</time>
              </td>
              <td>{call.title}</td>
              <td>{note}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

/** An instant with its day, by the site's clocks. */
const shownBy = (campus: Campus): Shown => {
  const format = new Intl.DateTimeFormat("sv-SE", {
    timeZone: campus.site.timeZone,
    dateStyle: "short",
    timeStyle: "medium"
  })
  return (at) => format.format(new Date(at))
}

/** What a replay found: what must not happen first, then sums, timelines, rules and doors, and each call. */
export const WhatIfResult = ({ replayed, campus }: { readonly replayed: Replayed; readonly campus: Campus }) => {
  const shown = shownBy(campus)
  const { difference } = replayed
  const doorName = new Map(campus.doors.map(({ id, name }) => [id, name]))
  const byDoor = difference.byDoor.map((share) => ({ ...share, of: doorName.get(share.of) ?? share.of }))
  return (
    <>
      <Incidents incidents={difference.realIncidents} shown={shown} />
      <Sums difference={difference} />
      <AgreementLine agreement={replayed.agreement} />
      <Doubts {...replayed} />
      <WhatIfTimeline {...{ replayed, shown }} timeZone={campus.site.timeZone} />
      <div className="what-if-shares">
        <Shares title="By rule" shares={difference.byRule} />
        <Shares title="By door" shares={byDoor} />
      </div>
      <CallTable {...{ difference, shown }} />
    </>
  )
}
