import { useEffect, useLayoutEffect, useRef, useState } from "react"
import { showAlerts } from "./alert-order.ts"
import { AlertRow, type RowProps } from "./alert-row.tsx"
import { AlertRows, rowClass } from "./alert-rows.tsx"
import type { Alert } from "./wire.ts"
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
  readonly selected: string | undefined
  readonly loaded: boolean
  readonly more: boolean
  readonly phone: boolean
  /** Told the ids in the order shown, so that the keys move as the eye does. */
  readonly onOrder: (ids: ReadonlyArray<string>) => void
}

/** The live list. While an officer works in it nothing moves; new alerts wait behind a chip. */
export const AlertList = ({ alerts, selected, loaded, more, phone, onOrder, ...row }: ListProps) => {
  const list = useRef<HTMLDivElement>(null)
  const order = useRef<ReadonlyArray<string>>([])
  const [held, setHeld] = useState<ReadonlyArray<string> | undefined>(undefined)
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  const { rows, waiting, shelved, serviced } = showAlerts(alerts, held)
  const places = useRef<ReadonlyArray<string>>([])
  const shown = [...rows, ...shelved, ...serviced].map((alert) => alert.id).join(" ")
  useLayoutEffect(() => {
    places.current = rows.map((alert) => alert.id)
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
  const calls = [...rows, ...waiting]
  const critical = waiting.filter((alert) => alert.priority === 1).length
  return (
    <section className="panel alerts" aria-labelledby="alerts-title">
      <header className="panel-head">
        <h2 id="alerts-title">Alerts</h2>
        <p className="tally">
          {calls.filter((alert) => !alert.acknowledged).length} unacknowledged · {calls.length} open
          {shelved.length > 0 && ` · ${shelved.length} shelved`}
          {serviced.length > 0 && ` · ${serviced.length} out of service`}
        </p>
      </header>
      {waiting.length > 0 && (
        <button type="button" className={critical > 0 ? "chip critical" : "chip"} onClick={showWaiting}>
          {waiting.length} new ↑{critical > 0 ? ` (${critical} critical)` : ""}
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
        <AlertRows alerts={rows} scroller={list} {...{ selected, phone }} {...row} />
      </div>
      <Apart title="Shelved" alerts={shelved} {...{ selected }} {...row} />
      <Apart title="Out of service" alerts={serviced} {...{ selected }} {...row} />
      {more && <p className="empty">More alerts are open than are shown here.</p>}
    </section>
  )
}
