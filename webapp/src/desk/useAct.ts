// What a click at the desk does to the world: asked once, told in words, never twice for one click.
import { ref } from "vue";
import { asFailure } from "@/composables/useLoad";
import { failureText } from "./words";

type Refused = { message: string; remedy: string };

export function useAct() {
  const sending = ref(false);
  const problem = ref("");
  const told = ref("");

  /** True when it is done; a refusal (null: none) or a failure is put into `problem`. */
  async function act(work: () => Promise<Refused | null>, done: string): Promise<boolean | "refused"> {
    sending.value = true;
    problem.value = "";
    try {
      const refused = await work();
      if (refused) {
        problem.value = `${refused.message} ${refused.remedy}`;
        return "refused";
      }
      told.value = done;
      return true;
    } catch (error) {
      problem.value = `${failureText(asFailure(error))} 再点一次就好，不会做两遍。`;
      return false;
    } finally {
      sending.value = false;
    }
  }
  const forget = () => (problem.value = told.value = "");
  return { sending, problem, told, act, forget };
}
