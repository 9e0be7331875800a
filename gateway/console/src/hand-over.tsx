import type { ReactNode } from "react"
import type { Handed } from "./people-wire.ts"
import type { Instant } from "./wire.ts"
import { outcomes, priorityWord } from "./words.ts"

/** What came of a sound test, in words. */
export const soundWords = {
  heard: "alarm heard",
  "not-heard": "alarm NOT heard",
  "no-sound": "nothing sounds there"
} as const

interface ListProps {
  readonly title: string
  readonly total: number
  readonly children: ReadonlyArray<ReactNode>
}

const List = ({ title, total, children }: ListProps) => (
  <section className="handed" aria-label={title}>
    <h3>
      {title} {total > 0 && <span className="tally">{total}</span>}
    </h3>
    {total === 0 ? <p className="hint">None</p> : <ul>{children}</ul>}
    {total > children.length && <p className="hint">{total - children.length} more are not listed</p>}
  </section>
)

interface GapsProps {
  readonly title: string
  readonly gaps: Handed["faults"]
  readonly when: (at: Instant) => string
}

const Gaps = ({ title, gaps, when }: GapsProps) => (
  <List title={title} total={gaps.total}>
    {gaps.items.map((gap) => (
      <li key={`${gap.title} ${gap.since ?? ""}`}>
        <strong>{gap.title}</strong>
        <span className="hint">
          {gap.owner}: {gap.reason}
          {gap.until !== undefined && `, ends ${when(gap.until)}`}
        </span>
      </li>
    ))}
  </List>
)

const Alerts = ({ title, alerts, when }: Omit<GapsProps, "gaps"> & { readonly alerts: Handed["open"] }) => (
  <List title={title} total={alerts.total}>
    {alerts.items.map((alert) => (
      <li key={alert.id}>
        <strong>
          {priorityWord[alert.priority]}: {alert.title}
        </strong>
        <span className="hint">
          {alert.where}, since {when(alert.raisedAt)} · {alert.owner ?? "nobody has it in hand"}
        </span>
      </li>
    ))}
  </List>
)

/** What a shift leaves to the next, filled from the log. `when`: an instant in the words of the site. */
export const HandedView = ({ report, when }: { readonly report: Handed; readonly when: (at: Instant) => string }) => {
  const raised = report.raised.reduce((sum, count) => sum + count, 0)
  const closed = outcomes.filter(({ value }) => report.closed[value] > 0)
  return (
    <div className="handed-all">
      <p>
        From <time dateTime={report.from}>{when(report.from)}</time> until{" "}
        <time dateTime={report.to}>{when(report.to)}</time>: {raised} {raised === 1 ? "alert" : "alerts"} raised (
        {report.raised
          .map((count, nth) => `${count} ${priorityWord[(nth + 1) as 1 | 2 | 3 | 4].toLowerCase()}`)
          .join(", ")}
        ); closed:{" "}
        {closed.length === 0
          ? "none"
          : closed.map(({ value, text }) => `${report.closed[value]} ${text.toLowerCase()}`).join(", ")}
      </p>
      <Alerts title="Open alerts" alerts={report.open} when={when} />
      <Gaps title="Shelved and out of service" gaps={report.outOfService} when={when} />
      <Gaps title="Faults" gaps={report.faults} when={when} />
      <List title="Incidents" total={report.incidents.total}>
        {report.incidents.items.map(({ id, title, state, owner }) => (
          <li key={id}>
            <strong>{title}</strong>
            <span className="hint">
              {id}, {state}
              {owner !== undefined && `, by ${owner}`}
            </span>
          </li>
        ))}
      </List>
      <Alerts title="Tests and drills" alerts={report.drills} when={when} />
      <List title="Doors with the most nuisance alerts" total={report.nuisance.length}>
        {report.nuisance.map(({ door, name, count }) => (
          <li key={door}>
            {name}: {count}
          </li>
        ))}
      </List>
      <List title="Came and went" total={report.turns.length}>
        {report.turns.map(({ at, name, turn, sound }) => (
          <li key={`${at} ${name} ${turn}`}>
            {when(at)} {name} signed {turn}
            {sound !== undefined && `, ${soundWords[sound]}`}
          </li>
        ))}
      </List>
      <List title="Notes" total={report.notes.length}>
        {report.notes.map(({ at, by, note }) => (
          <li key={`${at} ${by}`}>
            <strong className="note-text">{note}</strong>
            <span className="hint">
              {by}, {when(at)}
            </span>
          </li>
        ))}
      </List>
    </div>
  )
}
