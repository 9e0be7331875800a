/*
 * What the service worker does with web push. It is a script of its own, so that the shell's worker only imports it:
 *   importScripts("/push-events.js")
 *
 * Every push is shown, whatever is open: a browser that sees pushes without a notification takes the permission away, and
 * nobody is told. That it has come is said to the gateway with the proof that came with it; an acknowledgement goes through
 * the API with the officer's own session, and is never shown as done before the gateway has said so.
 */

/** What is shown of a push that cannot be read: something has happened, and the console knows what. */
const unreadable = { title: "Gatehouse: open the console", navigate: "/", tag: "gatehouse" }

const readPush = (event) => {
  try {
    return event.data?.json()?.notification ?? unreadable
  } catch {
    return unreadable
  }
}

const show = (told) => {
  const { title, navigate, data = {}, ...options } = told
  return self.registration.showNotification(title, {
    ...options,
    icon: "/gatehouse.svg",
    badge: "/gatehouse.svg",
    data: { ...data, navigate: navigate ?? data.navigate ?? "/" }
  })
}

const post = (path, body) =>
  fetch(`/api/v1${path}`, {
    method: "POST",
    credentials: "same-origin",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body)
  })

/** Tried again twice: the phone may have come back to the network in this moment. */
const sayReceived = async ({ key, proof, device }) => {
  if (key === undefined || proof === undefined) return
  for (const pauseMs of [0, 2000, 8000]) {
    await new Promise((resolve) => setTimeout(resolve, pauseMs))
    try {
      const answer = await post("/inbound/receipts", { notification: key, proof, ...(device && { device }) })
      if (answer.status < 500) return
    } catch {
      continue
    }
  }
}

const openConsole = async (address) => {
  const url = new URL(address, self.location.origin)
  // A message leads to the console only; anywhere else it is not believed.
  const target = url.origin === self.location.origin ? url.href : self.location.origin
  const windows = await self.clients.matchAll({ type: "window", includeUncontrolled: true })
  const open = windows.find((client) => new URL(client.url).origin === self.location.origin)
  if (open === undefined) return self.clients.openWindow(target)
  await open.focus()
  return "navigate" in open ? open.navigate(target).catch(() => undefined) : undefined
}

const acknowledge = async ({ alert, navigate, kind }) => {
  let why = "the gateway cannot be reached"
  try {
    const answer = await post(`/alerts/${encodeURIComponent(alert)}/acknowledge`, {})
    if (answer.ok) {
      return self.registration.showNotification(`${alert}: acknowledged`, {
        body: "The gateway has it in your name.",
        tag: alert,
        silent: true,
        icon: "/gatehouse.svg",
        data: { navigate, kind }
      })
    }
    why =
      answer.status === 401 ? "sign in first" : ((await answer.json()).detail ?? `the gateway answers ${answer.status}`)
  } catch {
    // Told below: it was not acknowledged.
  }
  return self.registration.showNotification(`${alert}: NOT acknowledged`, {
    body: `${why}. Open the console.`,
    tag: alert,
    renotify: true,
    requireInteraction: true,
    icon: "/gatehouse.svg",
    data: { navigate, alert, kind }
  })
}

self.addEventListener("push", (event) => {
  const told = readPush(event)
  event.waitUntil(Promise.all([show(told), sayReceived(told.data ?? {})]))
})

self.addEventListener("notificationclick", (event) => {
  const { data = {} } = event.notification
  // What is acknowledged stands until the gateway's answer takes its place, by the same tag: it shall not be gone before.
  if (event.action === "acknowledge" && data.alert !== undefined) return event.waitUntil(acknowledge(data))
  event.notification.close()
  event.waitUntil(openConsole(data.navigate ?? "/"))
})

/** The browser has changed the subscription by itself: the console registers the new one when it is opened next. */
self.addEventListener("pushsubscriptionchange", (event) => {
  event.waitUntil(
    show({
      title: "Gatehouse: notifications need you",
      body: "This device has to be registered anew. Open the console once.",
      tag: "gatehouse-registration",
      navigate: "/"
    })
  )
})
