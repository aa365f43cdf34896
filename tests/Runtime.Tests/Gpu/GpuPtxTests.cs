using System.Reflection;
using System.Text.RegularExpressions;
using Graph.Execution;
using Graph.Execution.Ilgpu;
using ILGPU;
using ILGPU.Backends;
using ILGPU.Backends.EntryPoints;
using ILGPU.Backends.PTX;
using ILGPU.Runtime;
using ILGPU.Runtime.Cuda;
using Xunit;

namespace Graph.Tests.Gpu;

/// <summary>
/// Every device kernel of the runtime compiles for CUDA, which needs no GPU: no function is missing there, no array lies in slow local
/// memory, and shared memory is portable.
/// </summary>
public sealed partial class GpuPtxTests(ITestOutputHelper output)
{
    private const int PortableShared = 32 * 1024;

    /// <summary>Of kernels that only CUDA runs.</summary>
    private const int CudaShared = 48 * 1024;

    [Fact]
    public void Every_kernel_compiles_for_cuda()
    {
        using var context = Context.Create(builder => builder.Optimize(OptimizationLevel.O2));
        using var backend = new PTXBackend(context, new CudaCapabilityContext(CudaArchitecture.SM_80), CudaArchitecture.SM_80, CudaInstructionSet.ISA_80, null!);
        SafeBackend.Patch(backend);
        var kernels = typeof(GpuQueue).Assembly.GetTypes().SelectMany(Kernels).ToList();
        Assert.NotEmpty(kernels);
        foreach (var kernel in kernels)
        {
            var name = $"{kernel.DeclaringType!.Name}.{kernel.Name}<{string.Join(", ", kernel.GetGenericArguments().Select(type => type.Name))}>";
            var compiled = (PTXCompiledKernel)backend.Compile(EntryPointDescription.FromExplicitlyGroupedKernel(kernel), KernelSpecialization.Empty);
            var text = compiled.PTXAssembly;
            var shared = Shared().Matches(text).Sum(match => int.Parse(match.Groups[2].Value));
            output.WriteLine($"{name}: {text.Length} characters, {shared} bytes shared, {Regex.Count(text, @"ld\.global\.v4")} vector loads");
            Assert.False(text.Contains(".extern .func", StringComparison.Ordinal), $"{name} calls a function that CUDA lacks.");
            Assert.False(text.Contains(".local", StringComparison.Ordinal), $"{name} uses local memory.");
            Assert.True(shared <= (text.Contains("mma.sync", StringComparison.Ordinal) ? CudaShared : PortableShared), $"{name} uses {shared} bytes of shared memory.");
        }
    }

    /// <summary>Kernels of a type; of a generic one, all that its constraints allow.</summary>
    private static IEnumerable<MethodInfo> Kernels(Type type)
    {
        var methods = type.IsGenericTypeDefinition ? [] : type.GetMethods(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly);
        return methods.Where(IsKernel).SelectMany(method => method.IsGenericMethodDefinition ? Close(method, []) : [method]);
    }

    private static bool IsKernel(MethodInfo method) =>
        method.ReturnType == typeof(void) && method.GetParameters().Select(p => p.ParameterType).SequenceEqual([typeof(ArrayView<float>), typeof(ArrayView<int>), typeof(GpuArguments)]);

    private static IEnumerable<MethodInfo> Close(MethodInfo method, Type[] chosen)
    {
        var parameters = method.GetGenericArguments();
        if (chosen.Length == parameters.Length)
        {
            return [method.MakeGenericMethod(chosen)];
        }

        var constraint = parameters[chosen.Length].GetGenericParameterConstraints().Single(type => type.IsInterface);
        return typeof(GpuQueue).Assembly.GetTypes().Where(type => type.IsValueType && type.IsAssignableTo(constraint)).SelectMany(type => Close(method, [.. chosen, type]));
    }

    [GeneratedRegex(@"\.shared\s+\.align\s+\d+\s+\.b8\s+(\w+)\[(\d+)\]")]
    private static partial Regex Shared();
}
