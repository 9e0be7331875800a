import { useState } from "react"
import { AlertDetail } from "./alert-detail.tsx"
import { AlertList } from "./alert-list.tsx"
import { AreaBoard } from "./areas.tsx"
import { DoorBoard, HealthStrip } from "./boards.tsx"
import { DeskDialog, type Dialogue, SeveralDialog } from "./desk-dialogs.tsx"
import "./desk.css"
import { stepFrame } from "./evidence-strip.tsx"
import { incidentApi } from "./incident-api.ts"
import { noteFieldId } from "./note-form.tsx"
import type { PageProps } from "./page.ts"
import { mayAcknowledgeAgain } from "./panel-words.ts"
import { spotOf } from "./plan-things.ts"
import { UndoChip, undoable } from "./undo-chip.tsx"
import { useActions } from "./use-actions.ts"
import { useKeys } from "./use-keys.ts"
import { goTo } from "./use-place.ts"
import { useSelection } from "./use-selection.ts"
import type { Alert } from "./wire.ts"

const openDetail = (): void => document.getElementById("detail-title")?.focus()

/** Where alerts are answered: the list, the selected one whole, and how the campus stands. */
export const DeskPage = ({ store, state, officer, clock, nowMs, phone, hidden, of, onSiteOrder }: PageProps) => {
  const { campus, alerts } = state
  const { order, selected, ready, choose, move, nextUnacknowledged } = useSelection(state, of)
  const actions = useActions(store)
  const { busy, forget, acknowledge, note } = actions
  const [dialog, setDialog] = useState<Dialogue | undefined>(undefined)
  const about = dialog === undefined ? undefined : alerts.get(dialog.id)
  const [several, setSeveral] = useState<ReadonlyArray<Alert> | undefined>(undefined)
  const slip = undoable(alerts, officer, nowMs)
  const isOthers = selected?.claimed !== undefined && selected.claimed.by !== officer
  const acknowledgeSelected = (): void => {
    if (selected === undefined || !ready || busy) return
    if (!selected.acknowledged && isOthers) ask("force")
    else if (!selected.acknowledged || mayAcknowledgeAgain(selected)) void acknowledge(selected.id)
  }
  const undoSlip = (): void => {
    if (slip !== undefined && !busy) void actions.undo(slip.id)
  }
  const claimSelected = (): void => {
    if (selected === undefined || !ready || busy) return
    if (isOthers) ask("take-over")
    else void (selected.claimed === undefined ? actions.claim(selected.id) : actions.release(selected.id))
  }
  const ask = (what: Dialogue["what"]): void => {
    if (selected === undefined || !ready) return
    forget()
    setDialog({ what, id: selected.id })
  }
  const closeSelected = (): void => ask("close")
  const incidentOfSelected = (): void => {
    if (selected === undefined || !ready) return
    const { id } = selected
    incidentApi.ofAlert(id).then((known) => {
      if (known !== undefined) return goTo("incidents", known.id)
      forget()
      setDialog({ what: "incident", id })
    }, store.report)
  }
  const shelveSelected = (): void => {
    if (selected !== undefined && selected.priority !== 1) ask(selected.shelved === undefined ? "shelve" : "unshelve")
  }
  useKeys({
    "alert.acknowledge": acknowledgeSelected,
    "alert.undo": undoSlip,
    "alert.claim": claimSelected,
    "alert.close": closeSelected,
    "alert.shelve": shelveSelected,
    "alert.note": () => document.getElementById(noteFieldId)?.focus(),
    "alert.next": () => move(1),
    "alert.previous": () => move(-1),
    "alert.next-open": nextUnacknowledged,
    "alert.detail": openDetail,
    "alert.frame-earlier": () => stepFrame(-1),
    "alert.frame-later": () => stepFrame(1),
    "alert.incident": incidentOfSelected,
    "alert.plan": () => {
      const spot = selected === undefined ? undefined : spotOf(selected, campus)
      if (spot !== undefined) goTo("plan", spot)
    }
  })
  return (
    <main className="desk" hidden={hidden}>
      {selected === undefined ? (
        <section className="panel detail quiet" aria-label="Detail">
          <p className="empty">{state.loaded ? "All quiet. The next alert opens here." : "Loading…"}</p>
        </section>
      ) : (
        <AlertDetail
          alert={selected}
          {...{ officer, campus, clock, nowMs, phone }}
          busy={busy || !ready}
          onAcknowledge={acknowledgeSelected}
          onClaim={claimSelected}
          onClose={closeSelected}
          onShelve={shelveSelected}
          onIncident={incidentOfSelected}
          store={store}
          onNote={(said) => note(selected.id, said)}
          onWriting={() => choose(selected.id)}
        />
      )}
      <AlertList
        {...{ alerts, officer, campus, clock, nowMs, phone, loaded: state.loaded, more: state.more }}
        flood={state.flood}
        selected={selected?.id}
        onOrder={(ids) => {
          order.current = ids
        }}
        onAcknowledge={(them) => {
          forget()
          setSeveral(them)
        }}
        onOpen={(id, byKeyboard) => {
          choose(id)
          if (byKeyboard) openDetail()
          else if (phone) scrollTo({ top: 0 })
        }}
      />
      <div className="side">
        <DoorBoard doors={state.doors} {...{ campus, nowMs, clock }} onProblem={store.report} />
        <AreaBoard areas={state.areas} clock={clock} onAsk={(area) => onSiteOrder({ what: "area", area })} />
        <HealthStrip devices={state.devices} links={state.links} />
      </div>
      {slip !== undefined && <UndoChip alert={slip} {...{ nowMs, busy, phone }} onUndo={undoSlip} />}
      {several !== undefined && (
        <SeveralDialog alerts={several} {...{ store, actions }} onLeave={() => setSeveral(undefined)} />
      )}
      {about !== undefined && dialog !== undefined && (
        <DeskDialog what={dialog.what} alert={about} {...{ actions }} onLeave={() => setDialog(undefined)} />
      )}
    </main>
  )
}
