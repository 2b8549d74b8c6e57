// Runs before the first paint, so that the chosen theme and language never flash.
{
  const remembered = (name) => {
    try {
      return localStorage.getItem(name);
    } catch {
      return null; // storage is switched off: the system's choice holds
    }
  };
  const theme = remembered("theme");
  if (theme) document.documentElement.dataset.theme = theme;
  const language = remembered("language") ?? (navigator.language.startsWith("zh") ? "zh" : "en");
  document.documentElement.lang = language === "zh" ? "zh-CN" : "en";
}
