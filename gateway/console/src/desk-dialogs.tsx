import { AcknowledgeSeveralDialog, ForceDialog, TakeOverDialog } from "./answer-dialogs.tsx"
import { api } from "./api.ts"
import { CloseDialog } from "./dialogs.tsx"
import { incidentApi } from "./incident-api.ts"
import { FromAlertDialog } from "./incident-dialogs.tsx"
import { ShelveDialog, UnshelveDialog } from "./shelve-dialogs.tsx"
import type { ConsoleStore } from "./store.ts"
import { goTo } from "./use-place.ts"
import type { useActions } from "./use-actions.ts"
import type { Alert } from "./wire.ts"

/** Which dialog is open, and about which alert. */
export interface Dialogue {
  readonly what: "close" | "shelve" | "unshelve" | "force" | "take-over" | "incident"
  readonly id: string
}

interface DialogsProps {
  readonly what: Dialogue["what"]
  readonly alert: Alert
  readonly actions: ReturnType<typeof useActions>
  readonly onLeave: () => void
}

/** What the desk asks before it acts on an alert. */
export const DeskDialog = ({ what, alert, actions, onLeave }: DialogsProps) => {
  const { busy, problem, attempt } = actions
  const answer = (deed: () => Promise<unknown>): void =>
    void attempt(deed).then((done) => {
      if (done) onLeave()
    })
  const common = { alert, busy, problem, onCancel: onLeave }
  if (what === "close") {
    return <CloseDialog {...common} onClose={(outcome, reason) => answer(() => api.close(alert.id, outcome, reason))} />
  }
  if (what === "force") {
    return <ForceDialog {...common} onYes={(reason) => answer(() => api.acknowledgeForced(alert.id, reason))} />
  }
  if (what === "take-over") {
    const from = alert.claimed?.by ?? ""
    return <TakeOverDialog {...common} onYes={(reason) => answer(() => api.takeOver(alert.id, from, reason))} />
  }
  if (what === "incident") {
    const choose = async (incident: string | undefined): Promise<void> => {
      const kept = await (incident === undefined
        ? incidentApi.open([alert.id])
        : incidentApi.addAlert(incident, alert.id))
      goTo("incidents", kept.id)
    }
    return <FromAlertDialog {...common} onChoose={(incident) => answer(() => choose(incident))} />
  }
  if (what === "shelve") {
    return <ShelveDialog {...common} onShelve={(time, reason) => answer(() => api.shelve(alert.id, time, reason))} />
  }
  return <UnshelveDialog {...common} onUnshelve={(reason) => answer(() => api.unshelve(alert.id, reason))} />
}

interface SeveralProps {
  readonly alerts: ReadonlyArray<Alert>
  readonly store: Pick<ConsoleStore, "report">
  readonly actions: ReturnType<typeof useActions>
  readonly onLeave: () => void
}

/** Several alerts are acknowledged; which were not, and why, is said. */
export const SeveralDialog = ({ alerts, store, actions, onLeave }: SeveralProps) => {
  const { busy, problem, attempt } = actions
  const several = async (reason: string): Promise<void> => {
    const ids = alerts.map(({ id }) => id)
    const { refused } = await api.acknowledgeSeveral(ids, reason)
    if (refused.length > 0) store.report(new Error(refused.map(({ why }) => why).join("; ")))
  }
  const onYes = (reason: string): void =>
    void attempt(() => several(reason)).then((done) => {
      if (done) onLeave()
    })
  return <AcknowledgeSeveralDialog {...{ alerts, busy, problem, onYes }} onCancel={onLeave} />
}
