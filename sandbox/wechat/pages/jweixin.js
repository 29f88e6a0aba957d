/* The page bridge of the WeChat sandbox: what WeChat gives to a page, in any browser.
   WeixinJSBridge.invoke('getBrandWCPayRequest', …) · wx.config/ready/error/checkJsApi/scanQRCode/chooseWXPay */
(() => {
  'use strict'
  const home = new URL(document.currentScript.src).origin
  const APIS = ['chooseWXPay', 'scanQRCode', 'checkJsApi', 'closeWindow']
  let open = null // one sheet at a time, as on a phone

  const show = (path, asked, title, kind, done) => {
    if (open) open({ result: 'cancel' })
    const address = new URL(path, home)
    address.search = new URLSearchParams({ ...asked, origin: location.origin })
    const before = document.activeElement
    const cover = document.createElement('div')
    cover.style.cssText = 'position:fixed;inset:0;z-index:2147483647;background:rgb(0 0 0/.5)'
    const frame = document.createElement('iframe')
    frame.src = address
    frame.title = title
    frame.style.cssText = 'position:absolute;inset:0;width:100%;height:100%;border:0;background:transparent'
    cover.append(frame)
    const finish = (outcome) => {
      removeEventListener('message', hear)
      removeEventListener('popstate', leave)
      cover.remove()
      open = null
      if (before instanceof HTMLElement) before.focus()
      done(outcome)
    }
    const hear = (event) => {
      if (event.origin !== home || event.source !== frame.contentWindow) return
      if (event.data?.onecardSandbox === kind) finish(event.data)
    }
    const leave = () => finish({ result: 'cancel' }) // the phone's back closes its sheet first
    addEventListener('message', hear)
    addEventListener('popstate', leave)
    open = finish
    document.body.append(cover)
  }

  const pay = (asked, done) => {
    const { appId, timeStamp, nonceStr, signType, paySign } = asked
    const signed = { appId, timeStamp, nonceStr, package: asked.package, signType, paySign }
    show('/sandbox/wechat/sheet', signed, '微信支付（沙箱）', 'payment', ({ result }) => done(result))
  }

  const settle = (name, options, outcome, extra = {}) => {
    const answer = { errMsg: name + ':' + outcome, ...extra }
    if (outcome === 'ok') options.success?.(answer)
    else if (outcome === 'cancel') options.cancel?.(answer)
    else options.fail?.(answer)
    options.complete?.(answer)
  }

  window.WeixinJSBridge = {
    invoke(name, asked, done = () => {}) {
      if (name === 'getBrandWCPayRequest') {
        pay(asked, (result) => done({ err_msg: 'get_brand_wcpay_request:' + result }))
      } else {
        done({ err_msg: name + ':function not exist' })
      }
    },
    call() {},
    on() {},
  }

  let config = null // {ok, appId} once it was checked
  const ready = []
  const failed = []
  const checked = (result) => {
    config = result
    if (result.ok) ready.splice(0).forEach((call) => call())
    else failed.forEach((call) => call({ errMsg: 'config:invalid signature' }))
  }
  const allowed = (name, options) => {
    if (config?.ok) return true
    settle(name, options, config ? 'permission denied' : 'the permission value is offline verifying')
    return false
  }

  window.wx = {
    async config({ appId, timestamp, nonceStr, signature }) {
      config = null
      const address = new URL('/sandbox/wechat/config', home)
      const url = location.href.split('#')[0]
      address.search = new URLSearchParams({ appId, timestamp, nonceStr, signature, url })
      try {
        checked({ ok: (await (await fetch(address)).json()).ok === true, appId })
      } catch {
        checked({ ok: false, appId })
      }
    },
    ready(call) {
      if (config?.ok) call()
      else ready.push(call)
    },
    error(call) {
      failed.push(call)
      if (config && !config.ok) call({ errMsg: 'config:invalid signature' })
    },
    checkJsApi(options) {
      const names = options.jsApiList ?? []
      const checkResult = Object.fromEntries(names.map((name) => [name, APIS.includes(name)]))
      settle('checkJsApi', options, 'ok', { checkResult })
    },
    scanQRCode(options = {}) {
      if (!allowed('scanQRCode', options)) return
      show('/sandbox/wechat/scanner', {}, '扫一扫（沙箱）', 'scanner', ({ result, text }) => {
        settle('scanQRCode', options, result, result === 'ok' ? { resultStr: text } : {})
      })
    },
    chooseWXPay(options) {
      if (!allowed('chooseWXPay', options)) return
      const asked = { ...options, appId: options.appId ?? config.appId, timeStamp: options.timestamp ?? options.timeStamp }
      pay(asked, (result) => settle('chooseWXPay', options, result))
    },
    closeWindow() { window.close() },
  }

  const event = new Event('WeixinJSBridgeReady')
  if (document.readyState === 'loading') {
    addEventListener('DOMContentLoaded', () => document.dispatchEvent(event))
  } else {
    queueMicrotask(() => document.dispatchEvent(event))
  }
})()
