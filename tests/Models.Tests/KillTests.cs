using System.Diagnostics;
using System.Globalization;
using Graph.Training;
using Xunit;

namespace Graph.Models.Tests;

/// <summary>
/// A training process is killed (SIGKILL) again and again, between and during its writes, and resumed each time: at the end its folder holds
/// the same files, byte for byte, as that of a process that was left alone.
/// </summary>
public sealed class KillTests : IDisposable
{
    private const int Kills = 24;

    /// <summary>More than all killed lives together can take.</summary>
    private const int Steps = 300;
    private const int Every = 3;

    /// <summary>Most steps that a life is given.</summary>
    private const int LongestLife = 10;

    private readonly string folder = Directory.CreateTempSubdirectory("graph-kill-").FullName;

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public void A_run_that_is_killed_at_random_ends_with_the_same_bytes()
    {
        string alone = Path.Combine(folder, "alone"), killed = Path.Combine(folder, "killed");
        using (var process = Start(alone))
        {
            Assert.EndsWith("end\n", process.StandardOutput.ReadToEnd(), StringComparison.Ordinal);
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }

        var (duringWrites, resumedAt) = (0, 0L);
        for (var life = 0; life < Kills; life++)
        {
            using var process = Start(killed);
            resumedAt = FirstStep(process);
            var random = new CounterRandom(1, life, 0, 0);
            if (life % 3 == 0)
            {
                WaitForWrite(killed, process);
            }
            else
            {
                for (var step = random.NextInt(1, LongestLife); step > 0; step--)
                {
                    Assert.StartsWith("step ", process.StandardOutput.ReadLine(), StringComparison.Ordinal);
                }

                Thread.Sleep(random.NextInt(0, 6));
            }

            Assert.False(process.HasExited, $"The process ended before it was killed, in life {life}.");
            process.Kill();
            process.WaitForExit();
            Assert.NotEqual(0, process.ExitCode);
            duringWrites += Directory.GetFiles(killed, $"*.{process.Id}.tmp").Length;
        }

        // Every third life is killed as soon as its write is seen; how many writes are quicker than that depends on the disk.
        Assert.InRange(duringWrites, 1, Kills);
        Assert.InRange(resumedAt, Every, Steps - LongestLife);
        using (var process = Start(killed))
        {
            FirstStep(process);
            process.StandardOutput.ReadToEnd();
            process.WaitForExit();
            Assert.Equal(0, process.ExitCode);
        }

        string[] files = [.. Directory.GetFiles(alone).Select(path => Path.GetFileName(path)).Order()];
        Assert.Equal(3, files.Length);
        Assert.Equal(files, Directory.GetFiles(killed).Select(path => Path.GetFileName(path)).Order());
        Assert.All(files, file => Assert.Equal(File.ReadAllBytes(Path.Combine(alone, file)), File.ReadAllBytes(Path.Combine(killed, file))));
    }

    private static Process Start(string runFolder) => Process.Start(new ProcessStartInfo("dotnet")
    {
        ArgumentList =
        {
            Path.Combine(AppContext.BaseDirectory, "Graph.TrainHost.dll"), runFolder,
            Steps.ToString(CultureInfo.InvariantCulture), Every.ToString(CultureInfo.InvariantCulture),
        },
        RedirectStandardOutput = true,
    })!;

    /// <summary>The step that a life starts from. A kill must never leave a damaged file under a checkpoint's name.</summary>
    private static long FirstStep(Process process)
    {
        var line = process.StandardOutput.ReadLine();
        Assert.StartsWith("start ", line, StringComparison.Ordinal);
        return long.Parse(line!.AsSpan(6), CultureInfo.InvariantCulture);
    }

    private static void WaitForWrite(string runFolder, Process process)
    {
        var clock = Stopwatch.StartNew();
        while (!Directory.EnumerateFiles(runFolder, $"*.{process.Id}.tmp").Any())
        {
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(3), "The process wrote no checkpoint.");
        }
    }
}
