import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react"
import { linesOf, membersOf, useGroups } from "./alert-groups.tsx"
import { acknowledgeable, showAlerts } from "./alert-order.ts"
import { AlertRow, type RowProps } from "./alert-row.tsx"
import { AlertRows, rowClass } from "./alert-rows.tsx"
import { FloodBanner } from "./flood-banner.tsx"
import type { Alert, Flood } from "./wire.ts"
import "./alert-list.css"

/** An officer who has not touched the list for this long is not working in it: waiting rows come in by themselves. */
const holdMs = 15_000

interface ApartProps extends Omit<RowProps, "alert" | "selected"> {
  readonly title: string
  readonly alerts: ReadonlyArray<Alert>
  readonly selected: string | undefined
}

/** Alerts that call for nobody, below those that do. */
const Apart = ({ title, alerts, selected, ...row }: ApartProps) => {
  const id = `apart-${title.toLowerCase().replaceAll(" ", "-")}`
  if (alerts.length === 0) return undefined
  return (
    <div className="shelf">
      <h3 id={id}>{title}</h3>
      <ul className="rows" aria-labelledby={id}>
        {alerts.map((alert) => (
          <li key={alert.id} className={rowClass(alert)}>
            <AlertRow alert={alert} selected={alert.id === selected} {...row} />
          </li>
        ))}
      </ul>
    </div>
  )
}

interface ListProps extends Omit<RowProps, "alert" | "selected"> {
  readonly alerts: ReadonlyMap<string, Alert>
  readonly flood: Flood | undefined
  readonly selected: string | undefined
  readonly loaded: boolean
  readonly more: boolean
  readonly phone: boolean
  /** Told the ids in the order shown, so that the keys move as the eye does. */
  readonly onOrder: (ids: ReadonlyArray<string>) => void
  readonly onAcknowledge: (alerts: ReadonlyArray<Alert>) => void
}

/** What the list shows: in a flood, alerts of one cause as one row. Groups that came while an officer works in it wait, too. */
const useShown = ({ alerts, flood, campus }: ListProps, held: ReadonlyArray<string> | undefined) => {
  const shown = useMemo(() => showAlerts(alerts, held), [alerts, held])
  const calls = useMemo(() => [...shown.rows, ...shown.waiting], [shown])
  const { groups, single } = useGroups(calls, flood, campus)
  const places = new Set(held)
  const standing = held === undefined ? groups : groups.filter(({ id }) => places.has(id))
  const late = held === undefined ? [] : groups.filter(({ id }) => !places.has(id)).flatMap(membersOf)
  const free = new Set([...single, ...late].map(({ id }) => id))
  const rows = shown.rows.filter(({ id }) => free.has(id))
  const waiting = shown.waiting.filter(({ id }) => free.has(id))
  return { ...shown, calls, groups, standing, rows, waiting }
}

const Tally = ({ calls, flood, officer, shelved, serviced, onAcknowledge }: TallyProps) => {
  const several = acknowledgeable(calls, officer)
  return (
    <header className="panel-head">
      <h2 id="alerts-title">Alerts</h2>
      <p className="tally">
        {calls.filter((alert) => !alert.acknowledged).length} unacknowledged · {calls.length} open
        {shelved > 0 && ` · ${shelved} shelved`}
        {serviced > 0 && ` · ${serviced} out of service`}
      </p>
      {several.length > 1 && flood === undefined && (
        <button type="button" className="secondary" onClick={() => onAcknowledge(several)}>
          Acknowledge {several.length}…<span className="unseen"> alerts that are not critical</span>
        </button>
      )}
    </header>
  )
}

interface TallyProps extends Pick<ListProps, "onAcknowledge" | "officer" | "flood"> {
  readonly calls: ReadonlyArray<Alert>
  readonly shelved: number
  readonly serviced: number
}

/** The live list. While an officer works in it nothing moves; new alerts wait behind a chip. */
export const AlertList = (props: ListProps) => {
  const { alerts: _alerts, flood, selected, loaded, more, phone, onOrder, onAcknowledge, ...row } = props
  const list = useRef<HTMLDivElement>(null)
  const order = useRef<ReadonlyArray<string>>([])
  const [held, setHeld] = useState<ReadonlyArray<string> | undefined>(undefined)
  const [opened, setOpened] = useState<ReadonlySet<string>>(new Set())
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const { calls, groups, standing, rows, waiting, shelved, serviced } = useShown(props, held)
  const lines = useMemo(() => linesOf(rows, standing, opened), [rows, standing, opened])
  const places = useRef<ReadonlyArray<string>>([])
  const called = lines.flatMap((line) => ("alert" in line ? [line.alert] : []))
  const shown = [...called, ...shelved, ...serviced].map((alert) => alert.id).join(" ")
  useLayoutEffect(() => {
    places.current = [...calls.map((alert) => alert.id), ...groups.map((group) => group.id)]
  })
  useLayoutEffect(() => {
    const hadFocus = order.current.some((id) => document.activeElement?.id === `row-${id}`)
    order.current = shown === "" ? [] : shown.split(" ")
    onOrder(order.current)
    const lost = document.activeElement === document.body && hadFocus
    if (lost && selected !== undefined) document.getElementById(`row-${selected}`)?.focus()
  }, [shown, onOrder, selected])
  useEffect(() => () => clearTimeout(timer.current), [])
  const release = (): void => {
    clearTimeout(timer.current)
    setHeld(undefined)
  }
  const hold = (): void => {
    clearTimeout(timer.current)
    timer.current = setTimeout(() => setHeld(undefined), holdMs)
    setHeld((current) => current ?? places.current)
  }
  const showWaiting = (): void => {
    release()
    list.current?.scrollTo({ top: 0 })
    if (waiting[0] !== undefined) row.onOpen(waiting[0].id, false)
  }
  const toggle = (id: string): void =>
    setOpened((current) => {
      const next = new Set(current)
      if (!next.delete(id)) next.add(id)
      return next
    })
  const urgent = waiting.filter((alert) => alert.priority === 1).length
  return (
    <section className="panel alerts" aria-labelledby="alerts-title">
      <Tally
        {...{ calls, flood, onAcknowledge }}
        officer={row.officer}
        shelved={shelved.length}
        serviced={serviced.length}
      />
      <FloodBanner flood={flood} groups={groups} open={calls} clock={row.clock} />
      {waiting.length > 0 && (
        <button type="button" className={urgent > 0 ? "chip critical" : "chip"} onClick={showWaiting}>
          {waiting.length} new ↑{urgent > 0 ? ` (${urgent} critical)` : ""}
        </button>
      )}
      {calls.length === 0 && <p className="empty">{loaded ? "No open alerts." : "Loading alerts…"}</p>}
      <div
        ref={list}
        className="rows"
        onFocus={hold}
        onKeyDown={hold}
        onPointerDown={hold}
        onBlur={(event) => {
          if (!event.currentTarget.contains(event.relatedTarget)) release()
        }}
      >
        <AlertRows {...{ lines, selected, phone, onAcknowledge }} {...row} scroller={list} onToggle={toggle} />
      </div>
      <Apart title="Shelved" alerts={shelved} {...{ selected }} {...row} />
      <Apart title="Out of service" alerts={serviced} {...{ selected }} {...row} />
      {more && <p className="empty">More alerts are open than are shown here.</p>}
    </section>
  )
}
