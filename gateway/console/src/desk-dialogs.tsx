import { api } from "./api.ts"
import { CloseDialog } from "./dialogs.tsx"
import { ShelveDialog, UnshelveDialog } from "./shelve-dialogs.tsx"
import type { useActions } from "./use-actions.ts"
import type { Alert } from "./wire.ts"

/** Which dialog is open, and about which alert. */
export interface Dialogue {
  readonly what: "close" | "shelve" | "unshelve"
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
  if (what === "shelve") {
    return <ShelveDialog {...common} onShelve={(time, reason) => answer(() => api.shelve(alert.id, time, reason))} />
  }
  return <UnshelveDialog {...common} onUnshelve={(reason) => answer(() => api.unshelve(alert.id, reason))} />
}
