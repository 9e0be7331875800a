import { useEffect, useState } from "react"
import { createRoot } from "react-dom/client"
import "./base.css"
import { api, Refused } from "./api.ts"
import { App } from "./app.tsx"
import { SignIn, storedName, takeFragmentToken } from "./sign-in.tsx"
import { openConsole, type ConsoleStore } from "./store.ts"

/** Signs in by the fragment's token when there is one, else asks who the cookie says we are. */
const whoAmI = async (token: string | undefined): Promise<string> => {
  if (token !== undefined) await api.signIn(token, storedName() || "Demo officer")
  return (await api.session()).name
}

const token = takeFragmentToken()

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
  const [officer, setOfficer] = useState<string | undefined>(undefined)
  const [store, setStore] = useState<ConsoleStore | undefined>(undefined)
  const [problem, setProblem] = useState<string | undefined>(undefined)
  const [asked, setAsked] = useState(false)
  const begin = (name: string): void => {
    setOfficer(name)
    setStore(openConsole())
  }
  const end = (): void => {
    store?.stop()
    setStore(undefined)
    setOfficer(undefined)
  }
  useEffect(() => {
    whoAmI(token)
      .then(begin, (refusal: unknown) => {
        const expected = refusal instanceof Refused && refusal.status === 401 && token === undefined
        if (!expected) setProblem(refusal instanceof Error ? refusal.message : String(refusal))
      })
      .finally(() => setAsked(true))
  }, [])
  useSignedOut(store, () => {
    end()
    setProblem("Your session has ended. Sign in again.")
  })
  if (!asked) return <p className="empty">Loading…</p>
  if (officer === undefined || store === undefined) return <SignIn onSignedIn={begin} first={problem} />
  return (
    <App
      store={store}
      officer={officer}
      onSignOut={() => {
        void api.signOut().then(() => {
          setProblem(undefined)
          end()
        }, store.report)
      }}
    />
  )
}

createRoot(document.getElementById("console")!).render(<Root />)
