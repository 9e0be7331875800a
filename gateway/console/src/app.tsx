import { useEffect, useMemo, useRef, useState, useSyncExternalStore } from "react"
import { AlertDetail } from "./alert-detail.tsx"
import { AlertList } from "./alert-list.tsx"
import { calling } from "./alert-order.ts"
import { api } from "./api.ts"
import { AreaBoard, ThreatBadge } from "./areas.tsx"
import { Announcer, Banners } from "./banners.tsx"
import { DoorBoard, HealthStrip } from "./boards.tsx"
import { CloseDialog, KeySheet } from "./dialogs.tsx"
import { GapsPage } from "./gaps.tsx"
import { noteFieldId } from "./note-form.tsx"
import { mayAcknowledgeAgain } from "./panel-words.ts"
import { ShelveDialog, UnshelveDialog } from "./shelve-dialogs.tsx"
import { goTo, PageNav, pages, usePage, useVisited } from "./pages.tsx"
import { type SiteOrder, SiteOrderDialog } from "./site-orders.tsx"
import type { ConsoleState, ConsoleStore } from "./store.ts"
import { useActions } from "./use-actions.ts"
import { useShortcuts } from "./use-shortcuts.ts"
import { useNow, usePhone } from "./use-view.ts"
import { WhatIfPage } from "./what-if.tsx"
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
    () => (chosen === undefined ? undefined : state.alerts.get(chosen)) ?? calling(state.alerts)[0],
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
    const open = calling(state.alerts).filter((alert) => !alert.acknowledged)
    const at = open.findIndex((alert) => alert.id === selected?.id)
    const next = open[(at + 1) % Math.max(1, open.length)]
    if (next !== undefined) select(next.id)
  }
  return { order, selected, ready, setChosen, move, nextUnacknowledged }
}

/** Which dialog is open, and about which alert. */
interface Dialogue {
  readonly what: "keys" | "close" | "shelve" | "unshelve"
  readonly id?: string
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
  const page = usePage()
  const visited = useVisited(page)
  const clock = useMemo(() => clockOf(state.campus), [state.campus])
  const { order, selected, ready, setChosen, move, nextUnacknowledged } = useSelection(state)
  const { busy, problem, forget, acknowledge, note, attempt } = useActions(store)
  const [siteOrder, setSiteOrder] = useState<SiteOrder | undefined>(undefined)
  const [dialog, setDialog] = useState<Dialogue | undefined>(undefined)
  const [shortcutsOn, setShortcutsOn] = useState(() => localStorage.getItem(shortcutsKey) !== "off")
  const unacknowledged = calling(state.alerts).filter((alert) => !alert.acknowledged).length
  const about = dialog?.id === undefined ? undefined : state.alerts.get(dialog.id)
  useEffect(() => {
    document.title = unacknowledged === 0 ? "Gatehouse" : `(${unacknowledged}) Gatehouse`
  }, [unacknowledged])
  const acknowledgeSelected = (): void => {
    if (selected === undefined || !ready || busy) return
    if (!selected.acknowledged || mayAcknowledgeAgain(selected)) void acknowledge(selected.id)
  }
  const ask = (what: Dialogue["what"]) => (): void => {
    if (selected === undefined || !ready) return
    forget()
    setDialog({ what, id: selected.id })
  }
  const closeSelected = ask("close")
  const shelveSelected = (): void => {
    if (selected !== undefined && selected.priority !== 1) ask(selected.shelved === undefined ? "shelve" : "unshelve")()
  }
  const leave = (): void => setDialog(undefined)
  const answer = (act: Promise<boolean>): void =>
    void act.then((done) => {
      if (done) leave()
    })
  const askArea = (area?: string): void => setSiteOrder({ what: "area", area })
  const openDetail = (): void => document.getElementById("detail-title")?.focus()
  const moves = { j: () => move(1), k: () => move(-1), ArrowDown: () => move(1), ArrowUp: () => move(-1) }
  const atDesk = {
    ...moves,
    a: acknowledgeSelected,
    c: closeSelected,
    s: shelveSelected,
    n: () => document.getElementById(noteFieldId)?.focus(),
    u: nextUnacknowledged,
    Enter: openDetail
  }
  useShortcuts(shortcutsOn, {
    ...(page === "desk" ? atDesk : {}),
    o: () => askArea(),
    t: () => setSiteOrder({ what: "threat" }),
    ...Object.fromEntries(pages.map(({ id, key }) => [key, () => goTo(id)])),
    "?": () => setDialog({ what: "keys" })
  })
  return (
    <div className="console">
      <header className="top">
        <h1>{state.campus?.site.name ?? "Gatehouse"}</h1>
        <PageNav {...{ page, unacknowledged }} gaps={state.gaps} gapsTotal={state.gapsTotal} />
        <p className={`live ${state.live}`}>
          {state.live === "live" ? "● Live" : state.live === "lost" ? "✕ Not live" : "○ Connecting"}
        </p>
        <ThreatBadge threat={state.threat} onAsk={() => setSiteOrder({ what: "threat" })} />
        <p className="officer">{officer}</p>
        <button type="button" className="secondary keys-button" onClick={() => setDialog({ what: "keys" })}>
          Keys
        </button>
        <button type="button" className="secondary" onClick={onSignOut}>
          Sign out
        </button>
      </header>
      <Banners state={state} nowMs={nowMs} onDismiss={store.clearTrouble} />
      <Announcer state={state} />
      <main className="desk" hidden={page !== "desk"}>
        {selected !== undefined && (
          <AlertDetail
            alert={selected}
            {...{ campus: state.campus, clock, nowMs, phone }}
            busy={busy || !ready}
            onAcknowledge={acknowledgeSelected}
            onClose={closeSelected}
            onShelve={shelveSelected}
            onNote={(said) => note(selected.id, said)}
            onWriting={() => setChosen(selected.id)}
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
          <AreaBoard areas={state.areas} clock={clock} onAsk={askArea} />
          <HealthStrip devices={state.devices} links={state.links} />
        </div>
      </main>
      {page === "gaps" && (
        <GapsPage
          gaps={state.gaps}
          total={state.gapsTotal}
          campus={state.campus}
          loaded={state.loaded}
          {...{ clock, nowMs, busy, problem }}
          act={attempt}
        />
      )}
      {visited.has("what-if") && <WhatIfPage campus={state.campus} hidden={page !== "what-if"} />}
      {siteOrder !== undefined && (
        <SiteOrderDialog
          {...{ store, clock, areas: state.areas, threat: state.threat }}
          order={siteOrder}
          onDone={() => setSiteOrder(undefined)}
        />
      )}
      {dialog?.what === "keys" && (
        <KeySheet
          on={shortcutsOn}
          onSwitch={(on) => {
            localStorage.setItem(shortcutsKey, on ? "on" : "off")
            setShortcutsOn(on)
          }}
          onCancel={leave}
        />
      )}
      {about !== undefined && dialog?.what === "close" && (
        <CloseDialog
          alert={about}
          {...{ busy, problem }}
          onCancel={leave}
          onClose={(outcome, reason) => answer(attempt(() => api.close(about.id, outcome, reason)))}
        />
      )}
      {about !== undefined && dialog?.what === "shelve" && (
        <ShelveDialog
          alert={about}
          {...{ busy, problem }}
          onCancel={leave}
          onShelve={(time, reason) => answer(attempt(() => api.shelve(about.id, time, reason)))}
        />
      )}
      {about !== undefined && dialog?.what === "unshelve" && (
        <UnshelveDialog
          alert={about}
          {...{ busy, problem }}
          onCancel={leave}
          onUnshelve={(reason) => answer(attempt(() => api.unshelve(about.id, reason)))}
        />
      )}
    </div>
  )
}
