import { useEffect, useState } from "react"
import { dueWords, markWord } from "./case-head.tsx"
import { CaseView } from "./case-view.tsx"
import { type CaseFilter, incidentApi } from "./incident-api.ts"
import type { Incident } from "./incident-wire.ts"
import type { PageProps } from "./page.ts"
import { addressOf } from "./place.ts"
import { useActions } from "./use-actions.ts"
import { goTo } from "./use-place.ts"
import type { Campus } from "./wire.ts"
import "./incidents.css"

interface FilterProps {
  readonly filter: CaseFilter
  readonly campus: Campus | undefined
  readonly onFilter: (filter: CaseFilter) => void
}

/** Which cases are looked for. */
const Filters = ({ filter, campus, onFilter }: FilterProps) => {
  const set = (change: Partial<CaseFilter>): void => onFilter({ ...filter, ...change })
  const choice = (label: string, name: "door" | "area", things: ReadonlyArray<{ id: string; name: string }>) => (
    <label className="field">
      {label}
      <select value={filter[name] ?? ""} onChange={({ target }) => set({ [name]: target.value })}>
        <option value="">Any</option>
        {things.map((thing) => (
          <option key={thing.id} value={thing.id}>
            {thing.name}
          </option>
        ))}
      </select>
    </label>
  )
  const day = (label: string, name: "from" | "to") => (
    <label className="field">
      {label}
      <input type="date" value={filter[name] ?? ""} onChange={({ target }) => set({ [name]: target.value })} />
    </label>
  )
  return (
    <form className="case-filters" aria-label="Which incidents" onSubmit={(event) => event.preventDefault()}>
      <label className="field">
        State
        <select value={filter.state} onChange={({ target }) => set({ state: target.value as CaseFilter["state"] })}>
          <option value="open">Open</option>
          <option value="closed">Closed</option>
          <option value="all">All</option>
        </select>
      </label>
      {choice("Door", "door", campus?.doors ?? [])}
      {choice("Area", "area", campus?.areas ?? [])}
      <label className="field">
        Disposition
        <select value={filter.disposition ?? ""} onChange={({ target }) => set({ disposition: target.value })}>
          <option value="">Any</option>
          {["real", "nuisance", "test", "drill"].map((kind) => (
            <option key={kind}>{kind}</option>
          ))}
        </select>
      </label>
      {day("From", "from")}
      {day("To", "to")}
    </form>
  )
}

const Row = ({ incident, clock, nowMs }: { incident: Incident } & Pick<PageProps, "clock" | "nowMs">) => {
  const due = incident.closed ? undefined : dueWords(incident, nowMs)
  const { disposition } = incident
  return (
    <li className="case-row">
      <a href={addressOf("incidents", incident.id)}>
        <span className="case-number">{incident.id}</span>
        <bdi className="case-name">{incident.title}</bdi>
      </a>
      <p className="case-state">
        <span className={`case-mark ${markWord(incident).toLowerCase()}`}>{markWord(incident)}</span>{" "}
        {incident.closed ? `Closed: ${disposition?.kind ?? ""}` : "Open"}
        {disposition?.cause === undefined ? "" : ` (${disposition.cause})`} ·{" "}
        <time dateTime={incident.occurredAt}>
          {incident.occurredAt.slice(0, 10)} {clock(incident.occurredAt)}
        </time>{" "}
        · {incident.author} · {incident.alerts.length} {incident.alerts.length === 1 ? "alert" : "alerts"}
        {due !== undefined && (
          <span className={incident.cleryOverdue === true ? "clery overdue" : "clery"}> · {due}</span>
        )}
      </p>
    </li>
  )
}

/** The list as the filter wants it, anew whenever something was done to a case. */
const useList = (filter: CaseFilter, news: Incident | undefined, report: (problem: unknown) => void) => {
  const [found, setFound] = useState<ReadonlyArray<Incident> | undefined>(undefined)
  const [next, setNext] = useState<string | undefined>(undefined)
  const stamp = `${news?.id ?? ""} ${news?.updatedAt ?? ""}`
  useEffect(() => {
    let current = true
    incidentApi.list(filter).then(({ items, next: more }) => {
      if (!current) return
      setFound(items)
      setNext(more === null || more === undefined ? undefined : String(more))
    }, report)
    return () => {
      current = false
    }
  }, [filter, stamp])
  const loadMore = (): void => {
    if (next === undefined) return
    incidentApi.list(filter, next).then(({ items, next: more }) => {
      setFound((before) => [...(before ?? []), ...items])
      setNext(more === null || more === undefined ? undefined : String(more))
    }, report)
  }
  return { found, more: next === undefined ? undefined : loadMore }
}

const ListPage = ({ store, state, clock, nowMs, rights }: PageProps & { readonly rights: ReadonlySet<string> }) => {
  const [filter, setFilter] = useState<CaseFilter>({ state: "open" })
  const { found, more } = useList(filter, state.caseNews, store.report)
  const { busy, problem, attempt } = useActions(store)
  const open = (): void =>
    void attempt(async () => {
      goTo("incidents", (await incidentApi.open([])).id)
    })
  const { from = "", to = "" } = filter
  return (
    <section className="panel incidents-panel" aria-labelledby="incidents-title">
      <header className="panel-head">
        <h2 id="incidents-title">Incidents</h2>
        <p className="tally" role="status">
          {found === undefined ? "" : `${found.length}${more === undefined ? "" : "+"} found`}
        </p>
        {rights.has("keep-incidents") && (
          <button type="button" className="secondary" disabled={busy} onClick={open}>
            New incident
          </button>
        )}
      </header>
      <Filters filter={filter} campus={state.campus} onFilter={setFilter} />
      {rights.has("export") && (
        <p className="case-exports">
          <a className="secondary" href={incidentApi.exportOf("incidents.csv", filter)} download="incidents.csv">
            These as CSV
          </a>
          {state.campus?.incidents?.clery !== false && (
            <a
              className="secondary"
              href={incidentApi.exportOf("clery-log.csv", { from, to })}
              download="clery-log.csv"
            >
              Clery log as CSV
            </a>
          )}
        </p>
      )}
      {problem !== undefined && (
        <p role="alert" className="problem">
          {problem}
        </p>
      )}
      {found?.length === 0 && <p className="empty">No such incident. The key I on an alert opens one.</p>}
      {found === undefined && <p className="empty">Loading…</p>}
      <ul className="case-rows">
        {(found ?? []).map((incident) => (
          <Row key={incident.id} {...{ incident, clock, nowMs }} />
        ))}
      </ul>
      {more !== undefined && (
        <button type="button" className="secondary" onClick={more}>
          More
        </button>
      )}
    </section>
  )
}

/** One case by the address, loaded once; what is done to it meanwhile comes in by itself. */
const CasePage = ({
  id,
  rights,
  ...props
}: PageProps & { readonly id: string; readonly rights: ReadonlySet<string> }) => {
  const [incident, setIncident] = useState<Incident | undefined>(undefined)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  useEffect(() => {
    let current = true
    incidentApi.one(id).then(
      (found) => {
        if (current) setIncident(found)
      },
      (refusal: unknown) => {
        if (current) setProblem(refusal instanceof Error ? refusal.message : String(refusal))
      }
    )
    return () => {
      current = false
    }
  }, [id])
  if (problem !== undefined) {
    return (
      <p role="alert" className="problem">
        {problem}
      </p>
    )
  }
  if (incident === undefined) return <p className="empty">Loading…</p>
  const { store, state, clock, nowMs } = props
  return (
    <CaseView
      key={incident.id}
      first={incident}
      news={state.caseNews}
      campus={state.campus}
      {...{ clock, nowMs, store }}
      mayReopen={rights.has("review-incidents")}
    />
  )
}

/** The cases that officers keep: all of them, or one. */
export const IncidentsPage = (props: PageProps) => {
  const rights: ReadonlySet<string> = new Set(props.me.rights)
  const { hidden, of } = props
  return (
    <main className="page incidents" hidden={hidden}>
      {of === undefined ? (
        <ListPage {...props} rights={rights} />
      ) : (
        <CasePage key={of} {...props} id={of} rights={rights} />
      )}
    </main>
  )
}
