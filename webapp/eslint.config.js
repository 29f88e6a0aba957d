// Correctness only; layout is the editor's business.
import globals from "globals";
import pluginVue from "eslint-plugin-vue";
import tseslint from "typescript-eslint";

export default tseslint.config(
  { ignores: ["dist", "dist-playground", "src/graphql/generated"] },
  ...tseslint.configs.recommended,
  ...pluginVue.configs["flat/recommended-error"],
  {
    languageOptions: {
      globals: { ...globals.browser, ...globals.node },
      parserOptions: { parser: tseslint.parser },
    },
    rules: {
      "no-console": "error",
      "vue/multi-word-component-names": "off",
      "vue/max-attributes-per-line": "off",
      "vue/singleline-html-element-content-newline": "off",
      "vue/html-self-closing": "off",
      "vue/html-indent": "off",
      "vue/html-closing-bracket-newline": "off",
      "vue/multiline-html-element-content-newline": "off",
      "vue/first-attribute-linebreak": "off",
      "vue/attributes-order": "off",
      "vue/no-v-html": "error",
      "max-lines": ["error", 500],
    },
  },
  { files: ["scripts/**", "build/**"], rules: { "no-console": "off" } },
);
