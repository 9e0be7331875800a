import { useEffect, useMemo, useRef, useState, type RefObject } from "react"
import { calling } from "./alert-order.ts"
import type { ConsoleState } from "./store.ts"
import type { Alert } from "./wire.ts"

/** An alert that came up by itself cannot be acted on for this long: a key meant for the one before must not hit it. */
const settleMs = 500

const focusRow = (id: string): void => document.getElementById(`row-${id}`)?.focus()

/** Which alert the desk shows, and the moves between alerts. */
export interface Selection {
  /** The ids in the order that the list shows them. */
  readonly order: RefObject<ReadonlyArray<string>>
  readonly selected: Alert | undefined
  /** It has been there long enough to be acted on. */
  readonly ready: boolean
  readonly choose: (id: string) => void
  readonly move: (step: 1 | -1) => void
  readonly nextUnacknowledged: () => void
}

/** The most urgent alert until an officer, or the address, names one. */
export const useSelection = (state: ConsoleState, named: string | undefined): Selection => {
  const order = useRef<ReadonlyArray<string>>([])
  const [chosen, setChosen] = useState(named)
  const [heeded, setHeeded] = useState(named)
  if (named !== heeded) {
    setHeeded(named)
    if (named !== undefined) setChosen(named)
  }
  const selected = useMemo(
    () => (chosen === undefined ? undefined : state.alerts.get(chosen)) ?? calling(state.alerts)[0],
    [chosen, state.alerts]
  )
  const [settled, setSettled] = useState<string | undefined>(undefined)
  const shown = selected?.id
  useEffect(() => {
    const timer = setTimeout(() => setSettled(shown), settleMs)
    return () => clearTimeout(timer)
  }, [shown])
  const wanted = useRef<string | undefined>(undefined)
  useEffect(() => {
    if (shown === undefined || wanted.current !== shown) return
    wanted.current = undefined
    focusRow(shown)
  })
  // The row of what is selected is drawn wherever the list is scrolled to; until then there is nothing to focus.
  const select = (id: string): void => {
    wanted.current = id
    setChosen(id)
  }
  return {
    order,
    selected,
    ready: shown !== undefined && (shown === chosen || shown === settled),
    choose: setChosen,
    move: (step) => {
      const ids = order.current
      const at = ids.findIndex((id) => id === selected?.id)
      const onRow = document.activeElement?.id === `row-${selected?.id}`
      const next = ids[onRow ? Math.min(ids.length - 1, Math.max(0, at + step)) : Math.max(0, at)]
      if (next !== undefined) select(next)
    },
    nextUnacknowledged: () => {
      const open = calling(state.alerts).filter((alert) => !alert.acknowledged)
      const at = open.findIndex((alert) => alert.id === selected?.id)
      const next = open[(at + 1) % Math.max(1, open.length)]
      if (next !== undefined) select(next.id)
    }
  }
}
