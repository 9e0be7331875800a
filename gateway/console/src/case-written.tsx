import { CaseFields } from "./case-fields.tsx"
import { type CaseKeeper, type CaseStanding, conflicting, type Keeping } from "./case-keeper.ts"
import type { CaseWritten } from "./incident-wire.ts"
import type { Campus } from "./wire.ts"

/** How far what is written is kept, told where it is written. */
const keepingWords: Record<Keeping, string> = {
  kept: "✓ Kept",
  writing: "Not kept yet…",
  keeping: "Keeping…",
  conflict: "✕ Not kept: somebody else changed the same",
  failed: "✕ Not kept"
}

interface WrittenProps {
  readonly keeper: CaseKeeper
  readonly standing: CaseStanding
  readonly campus: Campus | undefined
}

/** Two officers have written the same field: both versions, and whose it is to be. */
const Conflict = ({ keeper, standing: { incident, draft, theirs } }: Omit<WrittenProps, "campus">) => {
  if (theirs === undefined) return null
  const fields = conflicting(incident, theirs, draft)
  return (
    <div role="alert" className="case-conflict">
      <p>
        <strong>Somebody else changed {fields.join(", ")} meanwhile.</strong> What you wrote is not kept.
      </p>
      {fields.map((name) => (
        <blockquote key={name} dir="auto">
          {String(theirs[name] ?? "") || "(nothing)"}
        </blockquote>
      ))}
      <div className="actions">
        <button type="button" className="primary" onClick={() => keeper.keepMine()}>
          Keep mine
        </button>
        <button type="button" className="secondary" onClick={() => keeper.takeTheirs()}>
          Take theirs
        </button>
      </div>
    </div>
  )
}

/** What is written of the case, and how far it is kept. */
export const CaseAsWritten = ({ keeper, standing, campus }: WrittenProps) => {
  const { incident, draft, keeping, problem } = standing
  const written: CaseWritten = { ...incident, ...draft }
  return (
    <>
      <Conflict {...{ keeper, standing }} />
      {!incident.closed && (
        <p className={`keeping ${keeping}`} role="status">
          {keepingWords[keeping]}
          {problem === undefined ? "" : `: ${problem}`}
        </p>
      )}
      <CaseFields
        written={written}
        timeZone={campus?.site.timeZone ?? "UTC"}
        cleryLog={campus?.incidents?.clery === false ? "none" : "kept"}
        disabled={incident.closed}
        onWrite={(change) => keeper.write(change)}
        onLeave={() => keeper.keepNow()}
      />
    </>
  )
}
