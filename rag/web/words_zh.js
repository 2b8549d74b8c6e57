// 页面的中文文字；名称与 words_en.js 相同。

export const words = {
  skip: "跳到正文", navigation: "视图", navAsk: "提问", navDocuments: "文档", navSearch: "检索试验", navHistory: "历史", navSettings: "设置",
  toDark: "深色", toLight: "浅色", recent: "最近的对话", ok: "确定", cancel: "取消", create: "创建", remove: "删除", close: "关闭",
  dismiss: "移除", justNow: "刚刚", progress: "进度", stages: "阶段", pages: "分页",

  kbMenu: "选择知识库", noKb: "没有知识库", kbNew: "新建知识库", kbName: "名称", kbNameHint: "可用任何文字、数字和 - _ .",
  kbDelete: "删除这个知识库", kbDeleteSure: "“{name}”及其全部文档和对话将被永久删除。", kbDeleted: "“{name}”已删除。",
  documentCount: "{count} 个文档",

  welcomeTitle: "放入文档，得到注明出处的回答",
  welcomeText: "先添加几个文件，然后用中文或英文提问：回答中的每句话都指向它所依据的原文。",
  noKbText: "文档放在知识库里。先创建一个，再把文件拖进去。", noKbReader: "请向管理员申请某个知识库的使用权。",
  emptyKbTitle: "这里还没有文档", emptyKbText: "先向这个知识库添加文件，再就其内容提问。", addDocuments: "添加文档",
  inviteTitle: "想了解什么？",
  inviteText: "回答来自“{kb}”中的 {count} 个文档。指向回答中的编号可看到所依据的原文，点击可看到所在的页面。",

  conversation: "对话", newConversation: "新对话", questionLabel: "你的问题", questionPlaceholder: "就文档内容提问", ask: "提问", stop: "停止",
  composerHint: "Enter 发送，Shift + Enter 换行", searching: "正在检索文档…", reading: "正在阅读 {count} 个文档中的 {passages} 段原文…",
  searchedFor: "检索用的问题：", answered: "{time} · {model}", noModel: "未使用语言模型", stopped: "已停止。", askAgain: "重新提问",
  refusalHelp: "可以换个说法再问，也可能这些文档里没有这项内容。看看检索找到了什么：", seeInPlayground: "在检索试验中打开",
  copyAnswer: "连同出处复制", copied: "已复制。", copyFailed: "浏览器不允许复制。", howFound: "检索过程：{count} 条命中",
  sources: "出处", citationLabel: "出处 {number}：{document}", page: "第 {page} 页", documentPage: "{document}，第 {page} 页",

  checks: "核对", checkQuoted: "未使用语言模型：以下是最相关的原文，一字未改。", checkUnsupported: "文档中几乎没有依据：",
  checkNumbers: "以下数字在所读原文中没有出现：", checkLooped: "模型开始重复，已截断。", checkGrounded: "每句话和每个数字都有原文依据。",
  evidenceStrong: "文档中很可能有答案（{share}）。", evidenceFair: "文档中可能有答案（{share}）。", evidenceWeak: "文档中看来没有答案（{share}）。",

  feedback: "这个回答有用吗？", thumbUpLabel: "回答得好", thumbDownLabel: "回答得不好", comment: "意见", commentUp: "好在哪里？（可不填）",
  commentDown: "哪里有错或缺什么？（可不填）", sendComment: "提交", thanks: "谢谢。",

  source: "出处", original: "原文件", ingestView: "读取结果", sourceGone: "知识库中已没有这段原文：文档已更改或删除。",
  pageOf: "第 {page} 页，共 {pages} 页", pageBefore: "上一页", pageAfter: "下一页", zoom: "原始大小", usedInAnswer: "已用于回答",
  foundByKeys: "由 {count} 个键找到", scoreLine: "{score} = 语义 {dense} + 字词 {lexical}", legendMeaning: "意思相近", legendWords: "字词相同",

  dropHere: "把文件或文件夹拖到这里", chooseFiles: "选择文件", chooseFolder: "选择文件夹", importFolder: "服务器上的文件夹",
  importPath: "服务器上的路径", importHint: "读入其中及下级文件夹里所有可读的文件。", importStart: "读入", importNone: "服务器没有开放任何文件夹，请在设置 server.import_folders 中指定。",
  formats: "PDF、Word、PowerPoint、Excel、CSV、HTML、Markdown、纯文本", nothingToRead: "所选内容里没有可读的文件。",
  work: "上传", workGoing: "已完成 {done} / {count}", workDone: "全部 {count} 个已完成", workFailed: "已结束 {done} / {count}，{failed} 个失败",
  clearFinished: "清除已结束的", fileCount: "{count} 个文件", taskSending: "上传中，{share}", taskWaitingToSend: "等待上传", taskRefused: "未被接受",
  taskQueued: "排队中", taskRunning: "读取中，{count} 个键", taskStarted: "读取中", taskDone: "完成", taskFailed: "无法读取", taskDead: "已放弃", taskCancelled: "已取消",
  taskCancelling: "正在取消…", taskAgainSoon: "稍后重试", taskAdded: "已添加，{count} 个键", taskReplaced: "已替换，{count} 个键",
  taskUnchanged: "没有变化", taskDeleted: "已删除", taskRetry: "重试", taskCancel: "取消",

  findDocument: "按标题或文件名查找", order: "排序", orderNewest: "最新在前", orderOldest: "最早在前", orderTitle: "标题升序", orderTitleBack: "标题降序",
  orderLongest: "最长在前", orderShortest: "最短在前", noDocuments: "还没有文档。把文件拖到上面即可。", noDocumentFits: "没有与“{query}”相符的文档。",
  range: "第 {from}–{to} 个，共 {total} 个", pageCount: "{count} 页", charCount: "{count} 字", warningCount: "{count} 条提示",
  reindex: "重新读取", documentDelete: "删除这个文档", documentDeleteSure: "“{title}”将不再被检索到，其文件也会删除。",
  documentDeleted: "“{title}”已删除。",

  documentExplained: "文档切成段，段切成句；每个都有键，也就是与问题相比较的文字。如果某项内容找不到，看看它的原文是否在这里、是否完整、标题是否正确。",
  segmentCount: "{count} 段", sentenceCount: "{count} 句", keyCount: "{count} 个键", trialTitle: "怎样的问题能找到它？", trialPlaceholder: "输入一个问题",
  trialLabel: "试用的问题", trialGo: "试一试", trialNone: "前 {depth} 条命中里没有这个文档的句子。", rank: "第 {rank} 条，得分 {score}",
  filterText: "在文档中查找", segmentsFit: "{count} 段相符", showMore: "显示更多", segmentNumber: "第 {number} 段", showKeys: "显示键", noKeys: "没有键：无法按语义找到。",

  playgroundText: "看看检索的每个阶段给出什么，以及语言模型会读到什么。", query: "检索词", queryPlaceholder: "要检索的内容", budget: "预算（字符）",
  hitsShown: "条数", searchGo: "检索", searchSummary: "{count} 条命中，用时 {ms} 毫秒", stageParts: "问题被拆成几部分：", denseStage: "按语义",
  lexicalStage: "按字词", fusedStage: "合并", packedStage: "模型读到的", stageEmpty: "没有结果。",
  denseExplained: "句子的键或其所在段的键与问题的向量最接近。", lexicalExplained: "句子与问题有相同的少见字词（BM25），所在段也计入。",
  fusedExplained: "两项得分相加：以此顺序为准。", packedExplained: "最好的命中及其相邻句子，直到用满预算，按原文顺序排列。",
  packedSize: "{count} 段，共 {size} 字符，预算 {budget}",

  historyText: "关于这个知识库的对话，最近的在前。", findConversation: "按标题查找", noConversations: "还没有对话。", noConversationFits: "没有相符的对话。",
  turnCount: "{count} 个问题", rename: "改名", newTitle: "标题", exportConversation: "导出为 Markdown", sessionDelete: "删除这个对话",
  sessionDeleteSure: "“{title}”将被永久删除。",

  themeTitle: "颜色", theme_system: "跟随系统", theme_light: "浅色", theme_dark: "深色", languageTitle: "语言", keyTitle: "API 密钥",
  keyText: "这项服务需要密钥。管理员可以用“keyrag keys create”创建。", keyRefused: "服务不认识这个密钥，或者它已被吊销。请输入另一个。",
  keyLabel: "密钥", keyKeep: "保存在这台设备上", keyNote: "否则关闭标签页后即被清除。", keyUse: "使用密钥", keyNone: "目前没有使用密钥。",
  keyKept: "密钥保存在这台设备上。", keyForTab: "密钥使用到关闭标签页为止。", keyForget: "清除密钥", keyChange: "更换密钥", keyEnter: "输入密钥",
  role_reader: "读者", role_editor: "编辑", role_admin: "管理员", usageTitle: "最近 {days} 天的使用情况", usage_questions: "提问",
  usage_refused: "拒答", usage_searches: "检索", usage_documents: "读入文档", usage_prompt_tokens: "读取词元", usage_completion_tokens: "生成词元",
  byDay: "按天", day: "日期", settingsTitle: "当前设置", settingsText: "在服务的配置文件中更改；每项的含义见 configs/default.yaml。",

  errorUnreachable: "连接不到服务。它还在运行吗？", errorKey: "需要有效的 API 密钥。", errorForbidden: "这个密钥没有此项权限。",
  errorMissing: "这项内容不存在，或已不在。", errorConflict: "已有同名的内容。", errorTooLarge: "文件太大。", errorFormat: "这种文件无法读取。",
  errorInvalid: "服务没有理解这个请求。", errorBusy: "服务繁忙，请在 {seconds} 秒后再试。", errorService: "服务出错，原因见其日志。",
  errorModel: "语言模型出错。", errorNotReady: "服务还没有准备好。", errorSlow: "用时过长。", errorDisk: "服务的磁盘已满。",
};
