// An endless list, page by page; changing the filter starts anew and drops late answers of the old one.
import { ref, shallowRef, watch, type Ref } from "vue";
import { onBeforeRouteLeave, useRoute } from "vue-router";
import { asFailure } from "@/composables/useLoad";
import { BillsDocument, type BillLineFragment } from "@/graphql/generated/page/graphql";
import { send } from "@/session";
import type { RequestFailed } from "@/session/session";
import { apiLanguage, language } from "@/i18n";
import { monthDays } from "@/i18n/times";
import { GROUPS, type Group } from "./kinds";

const PAGE = 20;

/** The list as it was left for one of its bills: coming back finds it where it was, not at its first page. */
let left: { key: string; bills: BillLineFragment[] | null; after: string | null; ended: boolean } | null = null;
const isBack = () => String(history.state?.forward ?? "").startsWith("/bills/");

export function useBills(group: Ref<Group>, month: Ref<string>) {
  const bills = shallowRef<BillLineFragment[] | null>(null);
  const failure = shallowRef<RequestFailed | null>(null);
  const ended = ref(false);
  const busy = ref(false);
  const unbound = ref(false);
  let after: string | null = null;
  let turn = 0;

  async function more(): Promise<void> {
    if (busy.value || ended.value) return;
    const mine = turn;
    busy.value = true;
    failure.value = null;
    try {
      const days = month.value ? monthDays(month.value) : {};
      const variables = { first: PAGE, after, kind: GROUPS[group.value], language: apiLanguage(), ...days };
      const { account } = await send(BillsDocument, variables);
      if (mine !== turn) return;
      unbound.value = !account;
      bills.value = [...(bills.value ?? []), ...(account?.bills.edges.map((edge) => edge.node) ?? [])];
      after = account?.bills.pageInfo.endCursor ?? null;
      ended.value = !account?.bills.pageInfo.hasNextPage;
    } catch (error) {
      if (mine === turn) failure.value = asFailure(error);
    } finally {
      if (mine === turn) busy.value = false;
    }
  }

  function restart(): void {
    turn++;
    bills.value = null;
    ended.value = busy.value = false;
    after = null;
    void more();
  }
  const key = () => `${group.value} ${month.value} ${language.value}`;
  if (left?.key === key() && left.bills && isBack()) {
    bills.value = left.bills;
    after = left.after;
    ended.value = left.ended;
  } else restart();
  const route = useRoute();
  watch([group, month], () => route.path === "/bills" && restart()); // leaving drops the filters too
  onBeforeRouteLeave(() => void (left = { key: key(), bills: bills.value, after, ended: ended.value }));
  return { bills, failure, ended, busy, unbound, more };
}
