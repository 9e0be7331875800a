/* The console's service worker. What each part does stands in its own script. */
importScripts("/push-events.js")

self.addEventListener("install", () => self.skipWaiting())
self.addEventListener("activate", (event) => event.waitUntil(self.clients.claim()))
