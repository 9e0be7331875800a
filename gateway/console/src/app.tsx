import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react"
import type { Outcome } from "../../domain/alert.ts"
import { AlertDetail } from "./alert-detail.tsx"
import { AlertList } from "./alert-list.tsx"
import { byUrgency } from "./alert-order.ts"
import { api } from "./api.ts"
import { Announcer, Banners } from "./banners.tsx"
import { DoorBoard, HealthStrip } from "./boards.tsx"
import { CloseDialog, KeySheet } from "./dialogs.tsx"
import { mayAcknowledgeAgain } from "./panel-words.ts"
import type { ConsoleState, ConsoleStore } from "./store.ts"
import { useShortcuts } from "./use-shortcuts.ts"
import { useNow, usePhone } from "./use-view.ts"
import { clockOf } from "./words.ts"

const shortcutsKey = "gatehouse.shortcuts"

/** An alert that came up by itself cannot be acted on for this long: a key meant for the one before must not hit it. */
const settleMs = 500

const focusRow = (id: string): void => document.getElementById(`row-${id}`)?.focus()

/** The selected alert (the most urgent one until an officer selects), and the moves between alerts. */
const useSelection = (state: ConsoleState) => {
  const order = useRef<ReadonlyArray<string>>([])
  const [chosen, setChosen] = useState<string | undefined>(undefined)
  const selected = useMemo(
    () =>
      (chosen === undefined ? undefined : state.alerts.get(chosen)) ?? [...state.alerts.values()].sort(byUrgency)[0],
    [chosen, state.alerts]
  )
  const [settled, setSettled] = useState<string | undefined>(undefined)
  const shown = selected?.id
  useEffect(() => {
    const timer = setTimeout(() => setSettled(shown), settleMs)
    return () => clearTimeout(timer)
  }, [shown])
  const ready = shown !== undefined && (shown === chosen || shown === settled)
  const select = (id: string): void => {
    setChosen(id)
    focusRow(id)
  }
  const move = (step: 1 | -1): void => {
    const ids = order.current
    const at = ids.findIndex((id) => id === selected?.id)
    const onRow = document.activeElement?.id === `row-${selected?.id}`
    const next = ids[onRow ? Math.min(ids.length - 1, Math.max(0, at + step)) : Math.max(0, at)]
    if (next !== undefined) select(next)
  }
  const nextUnacknowledged = (): void => {
    const open = [...state.alerts.values()].filter((alert) => !alert.acknowledged).sort(byUrgency)
    const at = open.findIndex((alert) => alert.id === selected?.id)
    const next = open[(at + 1) % Math.max(1, open.length)]
    if (next !== undefined) select(next.id)
  }
  return { order, selected, ready, setChosen, move, nextUnacknowledged }
}

/** Acknowledge and close. The screen changes when the gateway says so, never before. */
const useActions = (store: ConsoleStore) => {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const acknowledge = async (id: string): Promise<void> => {
    setBusy(true)
    try {
      await api.acknowledge(id)
    } catch (refusal) {
      store.report(refusal)
    } finally {
      setBusy(false)
    }
  }
  const close = async (id: string, outcome: Outcome, reason: string): Promise<boolean> => {
    setBusy(true)
    try {
      await api.close(id, outcome, reason)
      setProblem(undefined)
      return true
    } catch (refusal) {
      setProblem(refusal instanceof Error ? refusal.message : String(refusal))
      return false
    } finally {
      setBusy(false)
    }
  }
  return { busy, problem, acknowledge, close }
}

interface AppProps {
  readonly store: ConsoleStore
  readonly officer: string
  readonly onSignOut: () => void
}

/** The console of a signed-in officer. */
export const App = ({ store, officer, onSignOut }: AppProps) => {
  const state = useSyncExternalStore(store.subscribe, store.snapshot)
  const nowMs = useNow() + state.clockOffsetMs
  const phone = usePhone()
  const clock = useMemo(() => clockOf(state.campus), [state.campus])
  const { order, selected, ready, setChosen, move, nextUnacknowledged } = useSelection(state)
  const { busy, problem, acknowledge, close } = useActions(store)
  const [dialog, setDialog] = useState<"keys" | `close ${string}` | undefined>(undefined)
  const [shortcutsOn, setShortcutsOn] = useState(() => localStorage.getItem(shortcutsKey) !== "off")
  const unacknowledged = [...state.alerts.values()].filter((alert) => !alert.acknowledged).length
  const closing = dialog === undefined || dialog === "keys" ? undefined : state.alerts.get(dialog.slice(6))
  useEffect(() => {
    document.title = unacknowledged === 0 ? "Gatehouse" : `(${unacknowledged}) Gatehouse`
  }, [unacknowledged])
  const acknowledgeSelected = (): void => {
    if (selected === undefined || !ready || busy) return
    if (!selected.acknowledged || mayAcknowledgeAgain(selected)) void acknowledge(selected.id)
  }
  const closeSelected = (): void => {
    if (selected !== undefined && ready) setDialog(`close ${selected.id}`)
  }
  const openDetail = (): void => document.getElementById("detail-title")?.focus()
  const moves = { j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1) }
  useShortcuts(shortcutsOn, {
    ...moves,
    a: acknowledgeSelected,
    c: closeSelected,
    n: nextUnacknowledged,
    Enter: openDetail,
    "?": () => setDialog("keys")
  })
  return (
    <div className="console">
      <header className="top">
        <h1>{state.campus?.site.name ?? "Gatehouse"}</h1>
        <p className={`live ${state.live}`}>
          {state.live === "live" ? "● Live" : state.live === "lost" ? "✕ Not live" : "○ Connecting"}
        </p>
        <p className="officer">{officer}</p>
        <button type="button" className="secondary keys-button" onClick={() => setDialog("keys")}>
          Keys
        </button>
        <button type="button" className="secondary" onClick={onSignOut}>
          Sign out
        </button>
      </header>
      <Banners state={state} nowMs={nowMs} onDismiss={store.clearTrouble} />
      <Announcer state={state} />
      <main className="desk">
        {selected !== undefined && (
          <AlertDetail
            alert={selected}
            {...{ campus: state.campus, clock, nowMs, phone }}
            busy={busy || !ready}
            onAcknowledge={acknowledgeSelected}
            onClose={closeSelected}
          />
        )}
        {selected === undefined && (
          <section className="panel detail quiet" aria-label="Detail">
            <p className="empty">{state.loaded ? "All quiet. The next alert opens here." : "Loading…"}</p>
          </section>
        )}
        <AlertList
          {...{ alerts: state.alerts, campus: state.campus, clock, nowMs, loaded: state.loaded, more: state.more }}
          selected={selected?.id}
          onOrder={(ids) => {
            order.current = ids
          }}
          onOpen={(id, byKeyboard) => {
            setChosen(id)
            if (byKeyboard) openDetail()
            else if (phone) scrollTo({ top: 0 })
          }}
        />
        <div className="side">
          <DoorBoard doors={state.doors} campus={state.campus} {...{ nowMs, clock }} onProblem={store.report} />
          <HealthStrip devices={state.devices} links={state.links} />
        </div>
      </main>
      {dialog === "keys" && (
        <KeySheet
          on={shortcutsOn}
          onSwitch={(on) => {
            localStorage.setItem(shortcutsKey, on ? "on" : "off")
            setShortcutsOn(on)
          }}
          onCancel={() => setDialog(undefined)}
        />
      )}
      {closing !== undefined && (
        <CloseDialog
          alert={closing}
          busy={busy}
          problem={problem}
          onCancel={() => setDialog(undefined)}
          onClose={(outcome, reason) => {
            void close(closing.id, outcome, reason).then((done) => {
              if (done) setDialog(undefined)
            })
          }}
        />
      )}
    </div>
  )
}
