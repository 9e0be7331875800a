import type { PageProps } from "./page.ts"
import { useReplay } from "./use-replay.ts"
import { WhatIfForm } from "./what-if-form.tsx"
import { WhatIfResult } from "./what-if-result.tsx"
import "./what-if.css"

/** What another configuration would have made of the recorded log, tried from here. */
export const WhatIfPage = ({ state: { campus }, nowMs, hidden }: PageProps) => {
  const { replay, problem, busy, start, cancel } = useReplay()
  if (campus === undefined)
    return (
      <main className="what-if empty" hidden={hidden}>
        Loading…
      </main>
    )
  const { done, of } = replay?.progress ?? { done: 0, of: 0 }
  const share = of === 0 ? 0 : done / of
  return (
    <main className="what-if" hidden={hidden}>
      <WhatIfForm {...{ campus, nowMs, busy }} onStart={start} />
      <section className="panel what-if-result" aria-labelledby="what-if-title">
        <header className="panel-head">
          <h2 id="what-if-title">What would have happened</h2>
        </header>
        {problem !== undefined && (
          <p role="alert" className="problem what-if-problem">
            {problem}
          </p>
        )}
        <p role="status" className="unseen">
          {replay === undefined ? "" : `Replay ${replay.state}`}
        </p>
        {replay?.state === "running" && (
          <div className="what-if-running">
            <label>
              Reading the log: {Math.round(share * 100)} % <progress value={share} max={1} />
            </label>
            <button type="button" className="secondary" onClick={cancel}>
              Cancel
            </button>
          </div>
        )}
        {replay?.state === "cancelled" && <p className="empty">Cancelled. Nothing was changed.</p>}
        {replay?.state === "failed" && <p className="problem what-if-problem">{replay.reason}</p>}
        {replay?.result !== undefined && <WhatIfResult replayed={replay.result} campus={campus} />}
        {replay === undefined && problem === undefined && !busy && (
          <p className="empty">
            Change a time or a rule, and see which alerts of the recorded days would have been raised, and which not.
          </p>
        )}
      </section>
    </main>
  )
}
