import { get, request } from "./api.ts"
import type { Handed, Invitation, Person, Shift, SignedIn, SoundTest, Token, WireHandOver } from "./people-wire.ts"
import type { Page } from "./wire.ts"

/** The gateway's API of people, as the console uses it. Every call rejects with `Refused`. */
export const peopleApi = {
  /** How people sign in here: as themselves, or by a token where nobody is configured. */
  way: () => get<{ readonly by: "password" | "token" }>("/sign-in"),
  session: () => get<SignedIn>("/session"),
  signIn: (who: string, password: string) => request("POST", "/session", { who, password }),
  signInByToken: (token: string, name: string) => request("POST", "/session", { token, name }),
  /** Whose enrolment link it is. */
  invited: async (code: string) =>
    (await (await request("POST", "/enrolment/look", { code })).json()) as { readonly name: string },
  enrol: (code: string, password: string) => request("POST", "/enrolment", { code, password }),
  changePassword: (current: string, password: string) => request("POST", "/session/password", { current, password }),
  signOut: () => request("DELETE", "/session"),
  signOutEverywhere: () => request("DELETE", "/sessions"),
  people: () => get<Page<Person>>("/people"),
  invite: async (id: string) =>
    (await (await request("POST", `/people/${encodeURIComponent(id)}/invitation`)).json()) as Invitation,
  putOut: (id: string) => request("DELETE", `/people/${encodeURIComponent(id)}/sessions`),
  tokens: () => get<{ readonly items: ReadonlyArray<Token> }>("/tokens"),
  revoke: (name: string) => request("DELETE", `/tokens/${encodeURIComponent(name)}`),
  shift: () => get<Shift>("/shift"),
  beginShift: (sound: SoundTest, relieves: ReadonlyArray<string>) =>
    request("POST", "/shift/begin", { sound, ...(relieves.length === 0 ? {} : { relieves }) }),
  endShift: () => request("POST", "/shift/end", {}),
  endOther: (name: string, reason: string) => request("POST", "/shift/end-other", { name, reason }),
  noteForShift: (note: string) => request("POST", "/shift/notes", { note }),
  /** What would be handed over now. */
  handed: () => get<Handed>("/shift/hand-over"),
  /** Signs it; with `sign-off` the shift ends. */
  handOver: async (afterwards: "sign-off" | "stay") =>
    (await (await request("POST", "/shift/hand-over", afterwards === "stay" ? {} : { afterwards })).json()) as {
      readonly handOver: WireHandOver
    },
  signedHandOver: (id: string) =>
    get<{ readonly handOver: WireHandOver; readonly report: Handed }>(`/shift/hand-overs/${encodeURIComponent(id)}`),
  signHandOver: (id: string) => request("POST", `/shift/hand-overs/${encodeURIComponent(id)}/sign`)
}

/** Where a hand-over can be printed. */
export const handOverPrint = (id: string): string => `/api/v1/shift/hand-overs/${encodeURIComponent(id)}/page`
