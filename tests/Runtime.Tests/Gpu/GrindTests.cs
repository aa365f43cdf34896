using System.Diagnostics;
using System.Text.RegularExpressions;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Runs the kernel tests of small sizes again in a process under Oclgrind, which watches every access of every work item. It says what it
/// finds on standard error and goes on, so any finding there is the failure. Its check of unwritten values is off for our kernels: version
/// 21.10 stops at an instruction that the optimiser makes (freeze), and without the optimiser blames values that were written. The PTX
/// interpreter finds unwritten values in shared memory and registers.
/// </summary>
public sealed partial class GrindTests
{
    /// <summary>Classes that have nothing to run there, or run it as children themselves.</summary>
    private static readonly string[] Others = [typeof(GrindTests).FullName!, typeof(KernelTests).FullName!, typeof(PlantedBugTests).FullName!, typeof(MutantTests).FullName!, typeof(PtxInterpreterTests).FullName!];

    [Fact]
    public async Task Kernels_of_small_sizes_are_clean()
    {
        var (exit, output, errors) = await Run([], ["--filter-namespace", typeof(GrindTests).Namespace!, "--filter-not-class", .. Others]);
        Assert.False(Finding().IsMatch(errors), errors[..Math.Min(errors.Length, 5000)]);
        Assert.True(exit == 0, output);
        Assert.DoesNotContain("succeeded: 0", output, StringComparison.Ordinal);
    }

    /// <summary>Without this, silence could mean that nothing is watched.</summary>
    [Fact]
    public async Task Planted_bugs_are_found()
    {
        var (_, output, errors) = await Run(["--uninitialized"], ["--filter-class", typeof(PlantedBugTests).FullName!]);
        Assert.Contains("total: 6", output, StringComparison.Ordinal);
        foreach (var (kernel, finding) in new[]
        {
            (nameof(PlantedBugs.RaceShared), "data race at local memory"),
            (nameof(PlantedBugs.RaceGlobal), "data race at global memory"),
            (nameof(PlantedBugs.OutOfBoundsGlobal), "Invalid write of size 4 at global memory"),
            (nameof(PlantedBugs.OutOfBoundsShared), "Invalid read of size 4 at local memory"),
            (nameof(PlantedBugs.UninitialisedShared), "Uninitialized"),
            (nameof(PlantedBugs.DivergentBarrier), "divergence"),
        })
        {
            Assert.Matches($"{finding}[^\n]*\n(?:[^\n]+\n)*?[^\n]*Kernel: [^\n]*{kernel}", errors);
            Assert.Matches(Finding(), finding);
        }
    }

    private static async Task<(int Exit, string Output, string Errors)> Run(string[] checks, string[] filter)
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "oclgrind")).FirstOrDefault(File.Exists);
        if (program is null)
        {
            GpuTest.Missing("oclgrind is not installed: apt-get install oclgrind");
        }

        // The loader finds platforms of packages; this one is found only by its path.
        var start = new ProcessStartInfo(program!) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["OCL_ICD_VENDORS"] = Path.Combine(Path.GetDirectoryName(program)!, "..", "lib", "oclgrind", "liboclgrind-rt-icd.so");
        start.Environment[GpuTest.UnderOclgrind] = "1";

        foreach (var argument in (string[])[.. checks, "--data-races", "--max-errors", "1000", "dotnet", typeof(GrindTests).Assembly.Location, .. filter, "--parallel", "none"])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        try
        {
            var output = process.StandardOutput.ReadToEndAsync(patience.Token);
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            await process.WaitForExitAsync(patience.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    [GeneratedRegex("data race|Invalid (read|write)|Uninitialized|divergence")]
    private static partial Regex Finding();
}
