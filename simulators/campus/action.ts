/** What people, the weather and bad luck do on the campus. Doors and devices by their ids in the configuration. */
export type Action =
  | { readonly _tag: "Badge"; readonly door: string; readonly person: string; readonly granted: boolean }
  | { readonly _tag: "Open" | "Close"; readonly door: string }
  /** A person stands before the exit's sensor, or presses its button; the end is when the sensor sees nobody any more. */
  | { readonly _tag: "RequestExit" | "EndExitRequest"; readonly door: string }
  | { readonly _tag: "Tamper"; readonly door: string; readonly on: boolean }
  | { readonly _tag: "TurnLock"; readonly door: string; readonly locked: boolean }
  | { readonly _tag: "PressPanic"; readonly device: string }
  | { readonly _tag: "Offline" | "Online" | "Repeat"; readonly device: string }

const names: { readonly [Tag in Action["_tag"]]: string } = {
  Badge: "a badge is presented at",
  Open: "opens",
  Close: "closes",
  RequestExit: "exit is requested at",
  EndExitRequest: "nobody is left at the exit of",
  Tamper: "tamper at",
  TurnLock: "the lock is turned at",
  PressPanic: "panic is pressed at",
  Offline: "is cut off",
  Online: "is back",
  Repeat: "repeats its state"
}

/** The action in words, for people; `nameOf` gives the name of a door or device. */
export const inWords = (action: Action, nameOf: (id: string) => string): string => {
  switch (action._tag) {
    case "Badge":
      return `${nameOf(action.door)}: ${action.person}'s badge is ${action.granted ? "granted" : "denied"}`
    case "Tamper":
      return `${nameOf(action.door)}: tamper ${action.on ? "starts" : "ends"}`
    case "TurnLock":
      return `${nameOf(action.door)}: ${action.locked ? "locked" : "unlocked"}`
    case "Open":
    case "Close":
      return `${nameOf(action.door)} ${names[action._tag]}`
    case "RequestExit":
    case "EndExitRequest":
      return `${names[action._tag]} ${nameOf(action.door)}`
    case "PressPanic":
      return `${names[action._tag]} ${nameOf(action.device)}`
    case "Offline":
    case "Online":
    case "Repeat":
      return `${nameOf(action.device)} ${names[action._tag]}`
  }
}
