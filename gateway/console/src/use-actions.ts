import { useState } from "react"
import { api } from "./api.ts"
import type { ConsoleStore } from "./store.ts"

/** What officers do to alerts. The screen changes when the gateway says so, never before. */
export const useActions = (store: Pick<ConsoleStore, "report">) => {
  const [busy, setBusy] = useState(false)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const perform = async (act: () => Promise<unknown>, refused: (refusal: unknown) => void): Promise<boolean> => {
    setBusy(true)
    try {
      await act()
      return true
    } catch (refusal) {
      refused(refusal)
      return false
    } finally {
      setBusy(false)
    }
  }
  return {
    busy,
    /** Why the gateway refused what a dialog asked for. */
    problem,
    forget: () => setProblem(undefined),
    acknowledge: (id: string): Promise<boolean> => perform(() => api.acknowledge(id), store.report),
    undo: (id: string): Promise<boolean> => perform(() => api.undoAcknowledgement(id), store.report),
    claim: (id: string): Promise<boolean> => perform(() => api.claim(id), store.report),
    release: (id: string): Promise<boolean> => perform(() => api.release(id), store.report),
    note: (id: string, said: string): Promise<boolean> => perform(() => api.note(id, said), store.report),
    /** Does what a dialog asks for; the dialog says why it was refused. */
    attempt: (act: () => Promise<unknown>): Promise<boolean> => {
      setProblem(undefined)
      return perform(act, (refusal) => setProblem(refusal instanceof Error ? refusal.message : String(refusal)))
    }
  }
}
