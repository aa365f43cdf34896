using Graph.Training;
using Xunit;

namespace Graph.Runtime.Tests.Training;

public sealed class MetricsLogTests : IDisposable
{
    private const string First = "{\"step\":1,\"seconds\":0.5,\"train_loss\":2}\n";
    private const string Second = "{\"step\":2,\"seconds\":1,\"train_loss\":1.5,\"exact_accuracy\":0.25}\n";
    private const string Third = "{\"step\":3,\"seconds\":1.5,\"train_loss\":null}\n";
    private readonly string _path = Path.Combine(Path.GetTempPath(), $"graph-{Guid.NewGuid():N}.jsonl");

    public void Dispose() => File.Delete(_path);

    [Fact]
    public void ALineIsOneJsonObjectAndIsThereAtOnce()
    {
        File.WriteAllText(_path, "old");
        using MetricsLog log = MetricsLog.Create(_path);
        log.Write(1, 0.5, new Scalar("train_loss", 2));
        log.Write(2, 1, new Scalar("train_loss", 1.5), new Scalar("exact_accuracy", 0.25));
        log.Write(3, 1.5, new Scalar("train_loss", double.NaN));
        Assert.Equal(First + Second + Third, Shared());
        Assert.Throws<ArgumentException>(() => log.Write(4, 2, new Scalar("step", 1)));
    }

    [Theory]
    [InlineData(0, "")]
    [InlineData(1, First)]
    [InlineData(2, First + Second)]
    [InlineData(9, First + Second + Third)]
    public void LinesBeyondTheResumedStepAreDropped(long step, string kept)
    {
        File.WriteAllText(_path, First + Second + Third);
        using (MetricsLog log = MetricsLog.Resume(_path, step))
        {
            Assert.Equal(kept, Shared());
            log.Write(step + 1, 7);
        }

        Assert.Equal($"{kept}{{\"step\":{step + 1},\"seconds\":7}}\n", File.ReadAllText(_path));
        Assert.Single(Directory.GetFiles(Path.GetTempPath(), Path.GetFileName(_path) + "*"));
    }

    [Fact]
    public void ATornLastLineIsDropped()
    {
        File.WriteAllText(_path, First + Second[..^1]);
        MetricsLog.Resume(_path, 2).Dispose();
        Assert.Equal(First, File.ReadAllText(_path));
    }

    [Fact]
    public void ResumingWithoutALogStartsOne()
    {
        MetricsLog.Resume(_path, 2).Dispose();
        Assert.Equal("", File.ReadAllText(_path));
    }

    [Theory]
    [InlineData("{\"seconds\":1}")]
    [InlineData("{\"step\":1.5}")]
    [InlineData("{\"step\":\"1\"}")]
    [InlineData("[1]")]
    [InlineData("step 1")]
    [InlineData("")]
    public void AStrangeLineIsNamedAndTheFileKept(string line)
    {
        File.WriteAllText(_path, First + line + "\n");
        var error = Assert.Throws<GraphException>(() => MetricsLog.Resume(_path, 0));
        Assert.Equal($"{_path}:2: step, expected a JSON object with a whole number of that name", error.Message);
        Assert.Equal(First + line + "\n", File.ReadAllText(_path));
    }

    [Fact]
    public void AFileThatCannotBeWrittenIsNamed()
    {
        string path = Path.Combine(_path, "metrics.jsonl");
        Assert.StartsWith($"Cannot write {path}: ", Assert.Throws<GraphException>(() => MetricsLog.Create(path)).Message, StringComparison.Ordinal);
    }

    private string Shared()
    {
        using var stream = new FileStream(_path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
