using Graph.Models.Tests;

namespace Graph.Samples.Tests;

/// <summary>An excerpt's data set and the flags of a run on it that takes seconds.</summary>
internal sealed class TinyRun : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public TinyRun(string kind)
    {
        Kind = kind;
        CommandRun.Good(kind, CommandRun.Build(kind, Data));
    }

    public string Kind { get; }

    public string Data => folder.File("data");

    /// <summary>Six steps; a resumed run needs none of them, for its checkpoint has them.</summary>
    public string[] Settings => SettingsOf(batch: 2);

    public string Folder(string name) => folder.File(name);

    public string Train(string name, params string[] more) => CommandRun.Good(Kind, ["train", .. Settings, "--out", Folder(name), .. more]);

    public static string Checkpoint(string run, int step) => Path.Combine(run, "checkpoints", $"step-{step:D12}.safetensors");

    public string[] SettingsOf(int batch) =>
    [
        "--data", Data, "--model", "trm", "--batch", $"{batch}", "--steps", "6", "--halt-max-steps", "2", "--lr", "0.001", "--seed", "3", "--threads", "2",
        "--checkpoint-every", "2", "--eval-every", "3", "--eval-limit", "2", "--log-every", "1",
    ];

    public void Dispose() => folder.Dispose();
}
