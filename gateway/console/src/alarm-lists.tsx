import type { AlarmHealth } from "./alarm-health-wire.ts"
import { addressOf } from "./place.ts"

interface ListProps {
  readonly title: string
  readonly none: string
  readonly lines: ReadonlyArray<{
    readonly key: string
    readonly text: string
    readonly more: string
    readonly alert?: string
  }>
}

const List = ({ title, none, lines }: ListProps) => (
  <section>
    <h3>{title}</h3>
    {lines.length === 0 && <p className="empty">{none}</p>}
    <ol>
      {lines.map(({ key, text, more, alert }) => (
        <li key={key}>
          {alert === undefined ? <span>{text}</span> : <a href={addressOf("desk", alert)}>{text}</a>}
          <span className="more">{more}</span>
        </li>
      ))}
    </ol>
  </section>
)

/** "Mon 2 Mar 10:04", by the site's clocks. */
const whenOf = (timeZone: string): ((at: string) => string) => {
  const format = new Intl.DateTimeFormat("en-GB", {
    timeZone,
    weekday: "short",
    day: "numeric",
    month: "short",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23"
  })
  return (at) => format.format(new Date(at)).replaceAll(",", "")
}

/** What to look at one by one: floods, what stands for long, what chatters, and what asks most. */
export const AlarmLists = ({
  health,
  clock
}: {
  readonly health: AlarmHealth
  readonly clock: (at: string) => string
}) => {
  const when = whenOf(health.timeZone)
  return (
    <div className="lists">
      <List
        title="Floods"
        none="No flood in this time."
        lines={health.floods.list.map(({ since, until, alerts }) => ({
          key: since,
          text: `${when(since)} to ${clock(until).slice(0, 5)}`,
          more: `${alerts} alerts`
        }))}
      />
      <List
        title="Open for more than a day"
        none="Nothing stands for more than a day."
        lines={health.stale.list.map(({ alert, title, raisedAt }) => ({
          key: alert,
          alert,
          text: title,
          more: `since ${when(raisedAt)}`
        }))}
      />
      <List
        title="Chattering"
        none="Nothing chattered."
        lines={health.chattering.map(({ alert, title, times }) => ({
          key: alert,
          text: title,
          more: `${times} times`
        }))}
      />
      <List
        title="What asks most"
        none="Nothing asked."
        lines={health.busiest.map(({ condition, title, count }) => ({
          key: `${condition} ${title}`,
          text: title,
          more: `${count} times`
        }))}
      />
    </div>
  )
}
