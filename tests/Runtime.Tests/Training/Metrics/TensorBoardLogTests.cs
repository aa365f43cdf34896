using Graph.Training;
using Xunit;

namespace Graph.Runtime.Tests.Training;

public sealed class TensorBoardLogTests : IDisposable
{
    private readonly string _folder = Path.Combine(Path.GetTempPath(), $"graph-{Guid.NewGuid():N}");

    public void Dispose()
    {
        if (Directory.Exists(_folder))
        {
            Directory.Delete(_folder, recursive: true);
        }
    }

    /// <summary>
    /// By hand from event.proto, summary.proto and the wire format; the checksums come from a bitwise program. Version event, 0x18
    /// bytes: 09 wall_time 1.5, 1A 0D "brain.Event:2". Scalar event, 0x1B bytes: 09 wall_time, 10 AC02 step 300, 2A 0D summary,
    /// 0A 0B value, 0A 04 "loss", 15 0.5f.
    /// </summary>
    [Fact]
    public void RecordsAreTheBytesOfTheSpecification()
    {
        string path;
        using (TensorBoardLog log = TensorBoardLog.Create(_folder, new FixedClock(1.5)))
        {
            path = log.Path;
            log.Write(300, new Scalar("loss", 0.5));
        }

        const string Version = "1800000000000000" + "A37F4B22" + "09000000000000F83F" + "1A0D627261696E2E4576656E743A32" + "2A28646C";
        const string Loss = "1B00000000000000" + "1A0D9E13" + "09000000000000F83F" + "10AC02" + "2A0D0A0B0A046C6F7373150000003F" + "69F9315B";
        Assert.Equal(Version + Loss, Convert.ToHexString(File.ReadAllBytes(path)));
    }

    [Fact]
    public void AReaderGetsTheScalarsBack()
    {
        string path;
        using (TensorBoardLog log = TensorBoardLog.Create(_folder, new FixedClock(1_700_000_000.25)))
        {
            path = log.Path;
            log.Write(0, new Scalar("train/loss", 2), new Scalar("zero", 0));
            log.Write(long.MaxValue, new Scalar("diverged", double.NaN), new Scalar("größe", -1e-3));
        }

        List<EventRecord> events = EventRecord.ReadFile(path);
        Assert.Equal(["brain.Event:2", null, null], events.Select(e => e.Version));
        Assert.All(events, e => Assert.Equal(1_700_000_000.25, e.WallTime));
        Assert.Equal([0, 0, long.MaxValue], events.Select(e => e.Step));
        Assert.Equal([("train/loss", 2f), ("zero", 0f)], events[1].Scalars.Select(s => (s.Key, s.Value)));
        Assert.Equal([("diverged", float.NaN), ("größe", -1e-3f)], events[2].Scalars.Select(s => (s.Key, s.Value)));
        Assert.Contains("tfevents.1700000000.", Path.GetFileName(path), StringComparison.Ordinal);
    }

    [Fact]
    public void AResumedRunVoidsTheStepsItTakesAgain()
    {
        TensorBoardLog.Create(_folder, new FixedClock(1.5)).Dispose();
        string path;
        using (TensorBoardLog log = TensorBoardLog.Resume(_folder, 100, new FixedClock(1.5)))
        {
            path = log.Path;
        }

        Assert.Equal(2, Directory.GetFiles(_folder).Length);
        EventRecord restart = EventRecord.ReadFile(path)[1];
        Assert.Equal((101, 1), (restart.Step, restart.SessionStatus!.Value));
    }

    [Fact]
    public void AFolderThatCannotBeMadeIsNamed()
    {
        File.WriteAllText(_folder, "");
        try
        {
            var error = Assert.Throws<GraphException>(() => TensorBoardLog.Create(_folder));
            Assert.StartsWith($"Cannot write an event file in {_folder}: ", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(_folder);
        }
    }

    private sealed class FixedClock(double seconds) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => DateTimeOffset.UnixEpoch.AddSeconds(seconds);
    }
}
