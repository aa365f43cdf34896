using System.Text;
using Graph.Training;
using Xunit;

namespace Graph.Runtime.Tests.Training;

public sealed class CheckpointStoreTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"graph-{Guid.NewGuid():N}");
    private readonly FakeModel _model = new(2, 2, 3, 4, ("inner.embed", [3, 2]), ("inner.bias", [2]));

    public void Dispose()
    {
        _model.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public void TheChecksumIsThePublishedOne()
    {
        var sum = default(Crc32C);
        sum.Append(Encoding.ASCII.GetBytes("123456789"));
        Assert.Equal(0xE3069283u, sum.Value);
        var parts = default(Crc32C);
        parts.Append(Encoding.ASCII.GetBytes("1234"));
        parts.Append(Encoding.ASCII.GetBytes("56789"));
        Assert.Equal(sum.Value, parts.Value);
        Directory.CreateDirectory(_folder);
    }

    [Fact]
    public void TheNewestAndTheBestAreKept()
    {
        var store = new CheckpointStore(_folder, keep: 2);
        var trainer = Trainer();
        Assert.Null(store.Best);
        Assert.Null(store.Resume(Trainer()));
        foreach (double? validation in (double?[])[0.5, 0.9, null, 0.9, 0.7, double.NaN])
        {
            Step(trainer);
            store.Save(trainer, new RunState { Validation = validation });
        }

        Assert.Equal([6, 5, 2], Steps(store));
        Assert.EndsWith("2.safetensors", store.Best, StringComparison.Ordinal);
        File.WriteAllText(Path.Combine(_folder, "step-000000000007.safetensors.99.tmp"), "left by a killed writer");
        Step(trainer);
        store.Save(trainer);
        Assert.Equal(3, Directory.GetFiles(_folder).Length);
        Assert.Equal(7, store.Resume(Trainer())!.Step);
    }

    [Fact]
    public void GoingBackGivesUpTheBranch()
    {
        var store = new CheckpointStore(_folder, keep: 5);
        Trainer trainer = Trainer();
        for (int i = 0; i < 4; i++)
        {
            Step(trainer);
            store.Save(trainer);
        }

        Trainer second = Trainer();
        Checkpoint.Resume(second, store.Paths[^1]);
        Step(second);
        store.Save(second);
        Assert.Equal([2, 1], Steps(store));
    }

    [Theory]
    [InlineData("flip data")]
    [InlineData("flip header")]
    [InlineData("truncate")]
    [InlineData("empty")]
    [InlineData("append")]
    [InlineData("no checksum")]
    public void ADamagedFileIsPassedOver(string damage)
    {
        var store = new CheckpointStore(_folder);
        Trainer trainer = Trainer();
        Step(trainer);
        store.Save(trainer);
        Step(trainer);
        string path = store.Save(trainer);
        byte[] bytes = File.ReadAllBytes(path);
        string header = Encoding.UTF8.GetString(bytes);
        switch (damage)
        {
            case "flip data":
                bytes[^5] ^= 4;
                break;
            case "flip header":
                bytes[header.IndexOf("seed", StringComparison.Ordinal)] ^= 1;
                break;
            case "truncate":
                bytes = bytes[..^3];
                break;
            case "empty":
                bytes = [];
                break;
            case "append":
                bytes = [.. bytes, 0];
                break;
            default:
                bytes[header.IndexOf("crc32c", StringComparison.Ordinal)] = (byte)'x';
                break;
        }

        File.WriteAllBytes(path, bytes);
        Trainer resumed = Trainer();
        ResumedRun run = store.Resume(resumed)!;
        Assert.Equal((1, 1), (run.Step, resumed.StepCount));
        string notice = Assert.Single(run.Notices);
        Assert.Contains(path, notice, StringComparison.Ordinal);
        Assert.EndsWith("The checkpoint before it is used.", notice, StringComparison.Ordinal);
        Assert.Throws<GraphException>(() => Checkpoint.Resume(Trainer(), path));
        File.Delete(store.Paths[1]);
        Assert.Contains("no intact checkpoint", Assert.Throws<GraphException>(() => store.Resume(Trainer())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryFlippedBitIsFound()
    {
        var store = new CheckpointStore(_folder);
        Trainer trainer = Trainer();
        Step(trainer);
        string path = store.Save(trainer);
        byte[] bytes = File.ReadAllBytes(path);
        for (int i = 0; i < bytes.Length; i += 7)
        {
            bytes[i] ^= (byte)(1 << (i % 8));
            File.WriteAllBytes(path, bytes);
            Assert.Throws<GraphException>(() => Checkpoint.Resume(Trainer(), path));
            bytes[i] ^= (byte)(1 << (i % 8));
        }
    }

    [Fact]
    public void AFileThatDoesNotFitIsNotPassedOver()
    {
        var store = new CheckpointStore(_folder);
        Trainer trainer = Trainer();
        Step(trainer);
        store.Save(trainer);
        var other = new Trainer(_model, new TrainerOptions { TotalSteps = 50, Optimizer = OptimizerKind.AdamW, PuzzleIdentifiers = 3 });
        Assert.Contains("'adam-atan2'", Assert.Throws<GraphException>(() => store.Resume(other)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFolderThatIsAFileIsNamed()
    {
        Directory.CreateDirectory(_folder);
        string file = Path.Combine(_folder, "file");
        File.WriteAllText(file, "");
        Assert.Contains(file, Assert.Throws<GraphException>(() => new CheckpointStore(file)).Message, StringComparison.Ordinal);
        Assert.Contains("checkpoints to keep", Assert.Throws<GraphException>(() => new CheckpointStore(_folder, keep: 0)).Message, StringComparison.Ordinal);
    }

    /// <summary>A write that fails leaves the checkpoint before it, and nothing half-written beside it.</summary>
    [Fact]
    public void AFailedWriteLeavesTheFolderAsItWas()
    {
        var store = new CheckpointStore(_folder);
        Trainer trainer = Trainer();
        Step(trainer);
        string path = store.Save(trainer);
        Step(trainer);
        Directory.CreateDirectory(Path.Combine(_folder, "step-000000000002.safetensors", "in the way"));
        Assert.Contains("Cannot write", Assert.Throws<GraphException>(() => store.Save(trainer)).Message, StringComparison.Ordinal);
        Assert.Equal([path], Directory.GetFiles(_folder));
        Assert.Equal(1, store.Resume(Trainer())!.Step);
    }

    private static IEnumerable<int> Steps(CheckpointStore store) =>
        store.Paths.Select(path => int.Parse(Path.GetFileNameWithoutExtension(path)[5..], System.Globalization.CultureInfo.InvariantCulture));

    private static void Step(Trainer trainer) => trainer.Step([1, 1, 2, 2], [0, 2, -100, 1], [2, 0]);

    private Trainer Trainer() => new(_model, new TrainerOptions { TotalSteps = 50, PuzzleIdentifiers = 3 });
}
