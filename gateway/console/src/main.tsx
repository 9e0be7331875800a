import { useEffect, useState } from "react"
import { createRoot } from "react-dom/client"
import "./base.css"
import { Refused } from "./api.ts"
import { App } from "./app.tsx"
import { forgetSeen, keepEveryMs, keepSeen, lastSeen, type LastSeen } from "./last-seen.ts"
import { peopleApi } from "./people-api.ts"
import type { SignedIn } from "./people-wire.ts"
import { Enrol, followBrought, SignIn, storedName, takeBrought } from "./sign-in.tsx"
import { openConsole, type ConsoleStore } from "./store.ts"
import { Me } from "./use-may.ts"

/** Signs in by the address's token when there is one, else asks who the cookie says we are. */
const whoAmI = async (token: string | undefined): Promise<SignedIn> => {
  if (token !== undefined) await peopleApi.signInByToken(token, storedName() || "Demo officer")
  return peopleApi.session()
}

const brought = takeBrought()
followBrought()

/** Ends the console of an officer whose session has ended. */
const useSignedOut = (store: ConsoleStore | undefined, signedOut: () => void): void => {
  useEffect(() => {
    if (store === undefined) return
    return store.subscribe(() => {
      if (store.snapshot().signedOut) signedOut()
    })
  })
}

const Root = () => {
  const [me, setMe] = useState<SignedIn | undefined>(undefined)
  const [store, setStore] = useState<ConsoleStore | undefined>(undefined)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [asked, setAsked] = useState(brought.code !== undefined)
  const [code, setCode] = useState(brought.code)
  const begin = (who: SignedIn, seen?: LastSeen): void => {
    setCode(undefined)
    setMe(who)
    setStore(openConsole(seen))
  }
  const end = (): void => {
    store?.stop()
    setStore(undefined)
    setMe(undefined)
  }
  const fail = (refusal: unknown): void => setProblem(refusal instanceof Error ? refusal.message : String(refusal))
  const signedIn = (): void => void peopleApi.session().then((who) => begin(who), fail)
  useEffect(() => {
    if (code !== undefined) return
    whoAmI(brought.token)
      .then(
        (who) => begin(who),
        (refusal: unknown) => {
          const seen = refusal instanceof Refused && refusal.status === 0 ? lastSeen() : undefined
          if (seen !== undefined) return begin(seen.me, seen)
          const expected = refusal instanceof Refused && refusal.status === 401 && brought.token === undefined
          if (!expected) fail(refusal)
        }
      )
      .finally(() => setAsked(true))
  }, [])
  useEffect(() => {
    if (store === undefined || me === undefined) return
    const timer = setInterval(() => keepSeen(me, store.snapshot()), keepEveryMs)
    return () => clearInterval(timer)
  }, [store, me])
  useSignedOut(store, () => {
    end()
    forgetSeen()
    setProblem("Your session has ended. Sign in again.")
  })
  if (!asked) return <p className="empty">Loading…</p>
  if (code !== undefined) {
    const over = (why: string): void => {
      setProblem(why)
      setCode(undefined)
    }
    return <Enrol code={code} onSignedIn={signedIn} onOver={over} />
  }
  if (me === undefined || store === undefined) return <SignIn onSignedIn={signedIn} first={problem} />
  return (
    <Me value={me}>
      <App
        store={store}
        me={me}
        onSignOut={() => {
          void peopleApi.signOut().then(() => {
            setProblem(undefined)
            end()
            forgetSeen()
          }, store.report)
        }}
      />
    </Me>
  )
}

// Plain HTTP on a local network has no service workers; there the console is a page like any other.
if ("serviceWorker" in navigator) {
  void navigator.serviceWorker.register("/service-worker.js").catch(() => {})
}

createRoot(document.getElementById("console")!).render(<Root />)
