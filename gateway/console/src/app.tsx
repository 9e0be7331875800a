import { useEffect, useMemo, useState, useSyncExternalStore } from "react"
import { calling } from "./alert-order.ts"
import { ThreatBadge } from "./areas.tsx"
import { Announcer, Banners } from "./banners.tsx"
import "./frame.css"
import { KeySheet } from "./key-sheet.tsx"
import { OffShift } from "./off-shift.tsx"
import { PageMenu, PageRail } from "./page-nav.tsx"
import { PageView } from "./page-view.tsx"
import type { PageLine, PageProps } from "./page.ts"
import { renewPush } from "./push.ts"
import type { SignedIn } from "./people-wire.ts"
import { pagesFor } from "./pages.tsx"
import type { PageId, Place } from "./place.ts"
import { SoundButton } from "./sound-panel.tsx"
import { type SiteOrder, SiteOrderDialog } from "./site-orders.tsx"
import type { ConsoleState, ConsoleStore } from "./store.ts"
import { loudestOf, useAlarm } from "./use-alarm.ts"
import { type KeyActs, useKeyboard, useKeys } from "./use-keys.ts"
import { useRights } from "./use-may.ts"
import { usePresence } from "./use-presence.ts"
import { goTo, usePlace } from "./use-place.ts"
import { useNow, usePhone } from "./use-view.ts"
import { clockOf } from "./words.ts"

const toPages = (lines: ReadonlyArray<PageLine>): KeyActs =>
  Object.fromEntries(lines.map(({ id }) => [`page.${id}`, () => goTo(id)]))

/** Where one is; the address of a page that is not for who is signed in leads to the desk. */
const useOpenPlace = (lines: ReadonlyArray<PageLine>): Place => {
  const place = usePlace()
  return lines.some(({ id }) => id === place.page) ? place : { page: "desk", of: undefined }
}

/** The pages that were looked at: those that stay are left as they were while an officer is called to another one. */
const useVisited = (page: PageId): ReadonlySet<PageId> => {
  const [visited, setVisited] = useState<ReadonlySet<PageId>>(() => new Set<PageId>(["desk", page]))
  if (!visited.has(page)) setVisited(new Set([...visited, page]))
  return visited
}

const liveWords: Record<ConsoleState["live"], string> = {
  live: "● Live",
  lost: "✕ Not live",
  connecting: "○ Connecting"
}

interface AppProps {
  readonly store: ConsoleStore
  readonly me: SignedIn
  readonly onSignOut: () => void
}

/** What belongs to the officer rather than to a page. */
const OfficerButtons = ({ onKeys, onSignOut }: { readonly onKeys: () => void; readonly onSignOut: () => void }) => (
  <>
    <button type="button" className="secondary" onClick={onKeys}>
      Keys
    </button>
    <button type="button" className="secondary" onClick={onSignOut}>
      Sign out
    </button>
  </>
)

/** The console of a signed-in officer. */
export const App = ({ store, me, onSignOut }: AppProps) => {
  const state = useSyncExternalStore(store.subscribe, store.snapshot)
  const nowMs = useNow() + state.clockOffsetMs
  const phone = usePhone()
  const lines = pagesFor(useRights())
  const { page, of } = useOpenPlace(lines)
  const visited = useVisited(page)
  const clock = useMemo(() => clockOf(state.campus), [state.campus])
  const [siteOrder, setSiteOrder] = useState<SiteOrder | undefined>(undefined)
  const [keySheet, setKeySheet] = useState(false)
  const unacknowledged = calling(state.alerts).filter((alert) => !alert.acknowledged).length
  useEffect(() => {
    document.title = unacknowledged === 0 ? "Gatehouse" : `(${unacknowledged}) Gatehouse`
  }, [unacknowledged])
  const alarm = useAlarm(store, state, nowMs)
  usePresence(loudestOf(state) === 1, alarm.blocked)
  // Browsers lose subscriptions without a word: each opening registers this device again, where it was.
  useEffect(() => {
    renewPush().catch(() => {})
  }, [])
  const showKeys = (): void => setKeySheet(true)
  useKeyboard(page)
  useKeys({
    ...toPages(lines),
    "site.arm": () => setSiteOrder({ what: "area", area: undefined }),
    "site.threat": () => setSiteOrder({ what: "threat" }),
    "sound.silence": () => {
      if (alarm.silencedUntil === undefined) alarm.silence()
    },
    keys: showKeys
  })
  const waiting = { page, unacknowledged, gaps: state.gaps, gapsTotal: state.gapsTotal }
  const given: Omit<PageProps, "hidden" | "of"> = {
    store,
    state,
    officer: me.name,
    me,
    clock,
    nowMs,
    phone,
    onSiteOrder: setSiteOrder
  }
  const threat = <ThreatBadge threat={state.threat} clock={clock} onAsk={() => setSiteOrder({ what: "threat" })} />
  const isRaised = state.threat !== undefined && state.threat.level !== state.threat.levels[0]
  const buttons = <OfficerButtons onKeys={showKeys} onSignOut={onSignOut} />
  return (
    <div className="console">
      <header className="top">
        <h1>{state.campus?.site.name ?? "Gatehouse"}</h1>
        <p className={`live ${state.live}`}>{liveWords[state.live]}</p>
        {phone && (
          <PageMenu {...waiting}>
            {isRaised || threat}
            {buttons}
          </PageMenu>
        )}
        {(!phone || isRaised) && threat}
        <SoundButton {...{ alarm, nowMs }} />
        {!phone && <p className="officer">{me.name}</p>}
        {!phone && buttons}
      </header>
      <Banners state={state} nowMs={nowMs} onDismiss={store.clearTrouble} />
      <OffShift me={me} news={state.peopleNews} page={page} />
      <Announcer state={state} />
      <div className="frame">
        {!phone && <PageRail {...waiting} />}
        {lines
          .filter(({ id, stays }) => id === page || (stays === true && visited.has(id)))
          .map((line) => (
            <PageView
              key={line.id}
              {...{ line, ...given }}
              hidden={line.id !== page}
              of={line.id === page ? of : undefined}
            />
          ))}
      </div>
      {siteOrder !== undefined && (
        <SiteOrderDialog
          {...{ store, clock, areas: state.areas, threat: state.threat }}
          order={siteOrder}
          onDone={() => setSiteOrder(undefined)}
        />
      )}
      {keySheet && <KeySheet onCancel={() => setKeySheet(false)} />}
    </div>
  )
}
